import { Slider } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { isActive, setThreshold, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './ResultsPanel.module.css'
import { TryPhotos } from './TryPhotos.tsx'
import { Webcam } from './Webcam.tsx'

/** Pictures that are not in the dataset. */
export function TryIt() {
  const { t } = useTranslation()
  const format = useFormat()
  const classifier = useApp((state) => state.classifier)
  const threshold = useApp((state) => state.threshold)
  const busy = useApp(({ run }) => isActive(run.status) && run.status !== 'paused')
  if (!classifier) return <p className={classes.empty}>{t('try.empty')}</p>
  if (busy) return <p className={classes.empty}>{t('try.busy')}</p>
  return (
    <div data-testid="try-it">
      <div className={classes.head}>
        <span>
          {t('try.weights_in_use', {
            name: classifier.source === 'run' ? t('try.best_of_run') : classifier.name,
          })}
        </span>
        <span>{t('try.threshold', { value: format.percent(threshold) })}</span>
        <Slider
          className={classes.slider}
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
      <div className={classes.columns}>
        <Webcam classifier={classifier} />
        <TryPhotos />
      </div>
    </div>
  )
}
