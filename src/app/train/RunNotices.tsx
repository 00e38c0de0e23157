import { Alert, Button } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { backboneRests } from '../../model/index.ts'
import { trainWithoutGraphicsCard, useApp } from '../../store/index.ts'
import type { FailureCode } from '../../training/events.ts'
import classes from './TrainPanel.module.css'

/** The processor is always there. */
const WITHOUT_GRAPHICS_CARD: readonly FailureCode[] = ['no-webgpu', 'device-lost']

/** What a person should know of the run: what happened, what was kept, what to do. */
export function RunNotices() {
  const { t } = useTranslation()
  const failure = useApp(({ run }) => run.failure)
  const notices = useApp(({ run }) => run.notices)
  const skipped = useApp(({ run }) => run.skipped.length)
  const hasBest = useApp(({ run }) => run.best !== null)
  const stopped = useApp(({ run }) => run.status === 'stopped')
  // What could not be kept is asked about where the result stands (`RoomQuestion`).
  const latest = new Map(
    notices.flatMap(({ code, detail }) => (code === 'run-not-kept' ? [] : [[code, detail] as const])),
  )
  const isEmpty = stopped && !hasBest
  if (!failure && latest.size === 0 && skipped === 0 && !isEmpty) return null
  return (
    <div className={classes.notices}>
      {failure && (
        <Alert
          color="red"
          icon={<IconAlertTriangle />}
          title={t('train.failed')}
          role="alert"
          data-testid="run-failure"
          data-code={failure.code}
        >
          {t(`failure.${failure.code}`)} {hasBest ? t('train.kept_best') : t('train.kept_none')}
          {WITHOUT_GRAPHICS_CARD.includes(failure.code) && (
            <div>
              <Button
                size="xs"
                variant="default"
                mt={8}
                onClick={() => void trainWithoutGraphicsCard()}
                data-testid="train-on-processor"
              >
                {t('train.on_processor')}
              </Button>
            </div>
          )}
          {failure.detail && (
            <details>
              <summary>{t('train.details')}</summary>
              <code>{failure.detail}</code>
            </details>
          )}
        </Alert>
      )}
      {isEmpty && (
        <p className={classes.notice} data-testid="stopped-empty">
          <IconInfoCircle size={15} aria-hidden="true" /> {t('train.stopped_empty')}
        </p>
      )}
      {[...latest].map(([code, detail]) => (
        <p key={code} className={classes.notice} title={detail} data-testid="run-notice" data-code={code}>
          <IconInfoCircle size={15} aria-hidden="true" />{' '}
          {code === 'micro-batch' ? <Portions photos={Number(detail)} /> : t(`notice.${code}`)}
        </p>
      ))}
      {skipped > 0 && (
        <p className={classes.notice} data-testid="run-skipped">
          <IconInfoCircle size={15} aria-hidden="true" /> {t('train.skipped', { count: skipped })}
        </p>
      )}
    </div>
  )
}

/** Of how many photos a portion of a batch is, and whether that changes the result. */
function Portions({ photos }: { photos: number }) {
  const { t } = useTranslation()
  const isExact = useApp(
    ({ runRecipe, stages }) =>
      runRecipe !== null &&
      stages.every((stage) => {
        const { epochs, locked } = runRecipe.stages[stage]
        return epochs === 0 || backboneRests(runRecipe.batchNorm, locked)
      }),
  )
  return (
    <>
      {t('notice.micro-batch', { count: photos })}{' '}
      {isExact ? t('settings.portions_exact') : t('settings.portions_differ')}
    </>
  )
}
