import { ActionIcon, Button, Popover, Slider, Switch, Text } from '@mantine/core'
import { IconChartDots, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CurveView } from '../../store/chart-data.ts'
import { historyCsv, logOf, useApp } from '../../store/index.ts'
import { useDatasetName } from '../shared/dataset-name.ts'
import { saveFile } from '../shared/download.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Charts.module.css'
import { chartsPng } from './charts-png.ts'

interface ChartMenuProps {
  view: CurveView
  onView(view: CurveView): void
  /** The drawn charts, of which the picture is taken; null while the table stands there. */
  charts: HTMLElement | null
}

/** How the curves are drawn, and how they leave the page. */
export function ChartMenu({ view, onView, charts }: ChartMenuProps) {
  const { t } = useTranslation()
  return (
    <Popover width={330} position="bottom-end" shadow="md" returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t('chart.menu')}
          title={t('chart.menu')}
          data-testid="chart-menu"
        >
          <IconChartDots size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.menu} data-testid="chart-menu-panel">
        <Switch
          size="sm"
          label={t('chart.log')}
          checked={view.log}
          onChange={({ currentTarget }) => onView({ ...view, log: currentTarget.checked })}
          data-testid="chart-log"
        />
        <div>
          <div className={classes.menuLine}>
            <span>{t('chart.smoothing')}</span>
            <strong>{view.smoothing.toFixed(2)}</strong>
          </div>
          <Slider
            size="sm"
            min={0}
            max={0.95}
            step={0.05}
            value={view.smoothing}
            label={null}
            thumbLabel={t('chart.smoothing')}
            onChange={(smoothing) => onView({ ...view, smoothing })}
            data-testid="chart-smoothing"
          />
          <Text size="xs" c="dimmed" mt={6}>
            {t('chart.smoothing_explained')}
          </Text>
        </div>
        <Downloads charts={charts} />
      </Popover.Dropdown>
    </Popover>
  )
}

function Downloads({ charts }: Pick<ChartMenuProps, 'charts'>) {
  const { t } = useTranslation()
  const format = useFormat()
  const dataset = useDatasetName() ?? ''
  const epochs = useApp(({ run }) => run.epochs)
  const best = useApp(({ run }) => run.best)
  const [failed, setFailed] = useState(false)
  const mark = logOf(epochs, best)

  const savePng = async () => {
    if (!charts) return
    const words = {
      heading: [dataset, mark && t('chart.best', { accuracy: format.accuracy(mark.valid) })]
        .filter(Boolean)
        .join(' · '),
      train: t('chart.train'),
      valid: t('chart.valid'),
    }
    try {
      saveFile('curves.png', await chartsPng(charts, words))
      setFailed(false)
    } catch {
      setFailed(true)
    }
  }
  return (
    <>
      <div className={classes.menuButtons}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          disabled={!charts}
          onClick={() => void savePng()}
          data-testid="chart-png"
        >
          {t('chart.png')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          disabled={epochs.length === 0}
          onClick={() => saveFile('history.csv', new Blob([historyCsv(epochs, best)], { type: 'text/csv' }))}
          data-testid="chart-csv"
        >
          {t('chart.csv')}
        </Button>
      </div>
      {failed && (
        <Text size="xs" c="var(--wrong)" role="alert">
          {t('chart.png_failed')}
        </Text>
      )}
    </>
  )
}
