import { Button, SegmentedControl } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CurveView, PLAIN_VIEW } from '../../store/chart-data.ts'
import { isActive, useApp } from '../../store/index.ts'
import { PresetPicker } from '../recipe/PresetPicker.tsx'
import { Settings } from '../recipe/Settings.tsx'
import { Panel } from '../shared/Panel.tsx'
import { ChartMenu } from './ChartMenu.tsx'
import { Charts, EmptyCharts } from './Charts.tsx'
import { NumbersTable } from './NumbersTable.tsx'
import { ReadingLine } from './ReadingLine.tsx'
import { RunBar } from './RunBar.tsx'
import { RunNotices } from './RunNotices.tsx'
import { RunRecipe } from './RunRecipe.tsx'
import classes from './TrainPanel.module.css'
import { WatchStrip } from './WatchStrip.tsx'

/** Presets, the one primary button, progress, curves, the watched photos. */
export function TrainPanel({ className }: { className: string }) {
  const { t } = useTranslation()
  const [shown, setShown] = useState<'charts' | 'table'>('charts')
  const [view, setView] = useState<CurveView>(PLAIN_VIEW)
  const [charts, setCharts] = useState<HTMLDivElement | null>(null)
  const begun = useApp(({ run }) => run.epochs.length > 0 || run.stepSeries.points.length > 0)
  const aside = (
    <div className={classes.aside}>
      {begun && (
        <>
          <SegmentedControl
            size="xs"
            value={shown}
            onChange={(value) => setShown(value === 'table' ? 'table' : 'charts')}
            aria-label={t('chart.view')}
            data={[
              { value: 'charts', label: t('chart.charts') },
              { value: 'table', label: t('chart.table') },
            ]}
            data-testid="chart-view"
          />
          <ChartMenu view={view} onView={setView} charts={charts} />
        </>
      )}
      <Settings />
    </div>
  )
  return (
    <Panel title={t('panel.train')} testId="train-panel" className={className} aside={aside}>
      <Presets />
      <RunBar />
      <RunNotices />
      {begun && <ReadingLine />}
      <div className={classes.curves}>
        {!begun && <EmptyCharts />}
        {begun && shown === 'charts' && <Charts view={view} ref={setCharts} />}
        {begun && shown === 'table' && <NumbersTable />}
      </div>
      {begun && <WatchStrip />}
    </Panel>
  )
}

/** One line while a run is going, and after it as long as nobody wants another preset. */
function Presets() {
  const { t } = useTranslation()
  const active = useApp(({ run }) => isActive(run.status))
  const hasResult = useApp(({ run }) => run.best !== null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (active) setOpen(false)
  }, [active])
  if (active) return <RunRecipe />
  if (!hasResult || isOpen) return <PresetPicker />
  return (
    <div className={classes.ended}>
      <RunRecipe />
      <Button size="compact-xs" variant="subtle" onClick={() => setOpen(true)} data-testid="other-preset">
        {t('train.other_preset')}
      </Button>
    </div>
  )
}
