import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { PresetPicker } from '../recipe/PresetPicker.tsx'
import { Settings } from '../recipe/Settings.tsx'
import { Panel } from '../shared/Panel.tsx'
import { Charts, EmptyCharts } from './Charts.tsx'
import { NumbersTable } from './NumbersTable.tsx'
import { RunBar } from './RunBar.tsx'
import { RunNotices } from './RunNotices.tsx'
import classes from './TrainPanel.module.css'

/** Presets, the one primary button, progress, curves. */
export function TrainPanel({ className }: { className: string }) {
  const { t } = useTranslation()
  const [view, setView] = useState<'charts' | 'table'>('charts')
  const begun = useApp(({ run }) => run.epochs.length > 0 || run.stepSeries.points.length > 0)
  const aside = (
    <div className={classes.aside}>
      {begun && (
        <SegmentedControl
          size="xs"
          value={view}
          onChange={(value) => setView(value === 'table' ? 'table' : 'charts')}
          aria-label={t('chart.view')}
          data={[
            { value: 'charts', label: t('chart.charts') },
            { value: 'table', label: t('chart.table') },
          ]}
          data-testid="chart-view"
        />
      )}
      <Settings />
    </div>
  )
  return (
    <Panel title={t('panel.train')} testId="train-panel" className={className} aside={aside}>
      <PresetPicker />
      <RunBar />
      <RunNotices />
      <div className={classes.curves}>
        {begun ? view === 'charts' ? <Charts /> : <NumbersTable /> : <EmptyCharts />}
      </div>
    </Panel>
  )
}
