import { Slider } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { isBusy, setThreshold, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './ResultsPanel.module.css'
import { RunInTheWay } from './RunInTheWay.tsx'
import { TryFolder } from './TryFolder.tsx'
import styles from './TryIt.module.css'
import { TryPhotos } from './TryPhotos.tsx'
import { Webcam } from './Webcam.tsx'

/** Pictures that are not in the dataset: the webcam, photos, a folder at a time. */
export function TryIt() {
  const { t } = useTranslation()
  const format = useFormat()
  const classifier = useApp((state) => state.classifier)
  const threshold = useApp((state) => state.threshold)
  const busy = useApp(({ run }) => isBusy(run.status))
  if (!classifier) return <p className={classes.empty}>{t('try.empty')}</p>
  return (
    <div data-testid="try-it">
      <RunInTheWay />
      <div className={classes.head}>
        <span>
          {t('try.weights_in_use', {
            name: classifier.source === 'run' ? t('try.best_of_run') : classifier.name,
          })}
        </span>
        <span>{t('try.threshold', { value: format.percent(threshold) })}</span>
        <Slider
          className={styles.slider}
          min={0}
          max={1}
          step={0.05}
          value={threshold}
          label={null}
          thumbLabel={t('try.threshold_label')}
          data-testid="threshold"
          onChange={setThreshold}
        />
      </div>
      <div className={styles.columns}>
        {busy ? <div /> : <Webcam classifier={classifier} />}
        <TryPhotos />
        <TryFolder />
      </div>
    </div>
  )
}
