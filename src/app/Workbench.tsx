import { useTranslation } from 'react-i18next'
import { useApp } from '../store/index.ts'
import { DataPanel } from './data/DataPanel.tsx'
import { ModelPanel } from './model/ModelPanel.tsx'
import { ResultsPanel } from './results/ResultsPanel.tsx'
import { MobileBar } from './shared/MobileBar.tsx'
import { ResumeOffer } from './start/ResumeOffer.tsx'
import { TrainPanel } from './train/TrainPanel.tsx'
import classes from './Workbench.module.css'

/** Data, train, model from left to right, results below; on a phone one of them at a time. */
export function Workbench() {
  const { t } = useTranslation()
  const panel = useApp((state) => state.panel)
  return (
    <main className={classes.workbench} data-panel={panel} id="workbench">
      <h1 className="visually-hidden">{t('app.name')}</h1>
      <ResumeOffer />
      <div className={classes.columns}>
        <DataPanel className={classes.data} />
        <TrainPanel className={classes.train} />
        <ModelPanel className={classes.model} />
      </div>
      <ResultsPanel className={classes.results} />
      <MobileBar />
    </main>
  )
}
