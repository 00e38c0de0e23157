import { Slider } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import classes from './ResultsPanel.module.css'
import { useSamples } from './use-samples.ts'

/** The same validation photos during the whole run; a slider goes back through the epochs. */
export function WatchGrid() {
  const { t } = useTranslation()
  const watched = useApp(({ run }) => run.watched)
  const epochs = useApp(({ run }) => run.epochs)
  const names = useApp(({ data }) => data.dataset?.classes)
  const samples = useSamples()
  // Null follows the newest epoch.
  const [chosen, setChosen] = useState<number | null>(null)
  const total = watched.values().next().value?.length ?? 0
  if (total === 0 || !names) return <p className={classes.empty}>{t('results.watch_empty')}</p>

  const epoch = Math.min(chosen ?? total, total)
  const log = epochs[epoch - 1]
  const where = log ? `${t(`chart.stage_${log.stage}_short`)} ${log.epoch}` : String(epoch)
  return (
    <div data-testid="watch">
      <div className={classes.head}>
        <span>{t('results.watch_text')}</span>
        <span>
          {t('results.epoch')} <strong>{where}</strong>
        </span>
        {total > 1 && (
          <Slider
            className={classes.slider}
            min={1}
            max={total}
            value={epoch}
            label={null}
            thumbLabel={t('results.epoch')}
            onChange={(value) => setChosen(value === total ? null : value)}
          />
        )}
      </div>
      <ul className={classes.watchGrid}>
        {[...watched].map(([path, given]) => {
          const sample = samples.get(path)
          const answer = given[epoch - 1]
          if (!sample || answer === undefined || answer < 0) return null
          const right = answer === sample.label
          return (
            <li key={path} className={classes.photo} data-right={right} title={path}>
              <div className={classes.frame}>
                <Thumbnail sample={sample} alt={t('data.original', { path })} />
                <span className={classes.mark}>
                  {right ? (
                    <IconCheck size={15} stroke={3} role="img" aria-label={t('results.right')} />
                  ) : (
                    <IconX size={15} stroke={3} role="img" aria-label={t('results.wrong')} />
                  )}
                </span>
              </div>
              <div className={classes.caption}>
                <span>{names[answer]?.name ?? answer}</span>
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
