import { Progress as Bar } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isActive, type RunState, secondsLeft, useApp } from '../../store/index.ts'
import { endOfStage } from '../../training/patience.ts'
import { useFormat } from '../shared/format.ts'
import classes from './RunBar.module.css'

interface ProgressProps {
  /** One line for the phone's bottom bar. */
  compact?: boolean
}

/** Phase before the first loss, then stage, epoch, rate and time left. */
export function Progress({ compact }: ProgressProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const run = useApp((state) => state.run)
  const left = useSecondsLeft()

  const preparing = unfinished(run.preparing)
  const epochs = useStageEpochs()
  const share = runShare(run, epochs, preparing)
  let where = ''
  if (run.stage && run.epoch > 0) where = t('train.epoch', { epoch: run.epoch, epochs })
  // What comes after the last photo takes its time, too.
  else if (run.phase === 'photos' && run.preparing && !preparing) where = t('train.first_step')
  else if (run.phase) where = t(`train.phase_${run.phase}`)
  const details: string[] = []
  if (run.status === 'paused') details.push(t('train.paused'))
  if (preparing) {
    // Weights come in bytes, photos and features in photos.
    const amount = preparing.phase === 'weights' ? format.bytes : format.count
    const { done, total } = preparing
    details.push(total > 0 ? t('train.of', { done: amount(done), total: amount(total) }) : amount(done))
  } else if (run.validating) details.push(t('train.validating'))
  else if (run.samplesPerSecond !== null && run.epoch > 0 && run.status === 'running')
    details.push(t('train.rate', { rate: format.rate(run.samplesPerSecond) }))
  if (left !== null && run.status === 'running')
    details.push(t('train.left', { time: format.duration(left) }))

  return (
    <div
      className={classes.progress}
      data-compact={compact ? true : undefined}
      data-testid={compact ? 'progress-compact' : 'progress'}
    >
      <div className={classes.progressLine}>
        <span>
          {run.stage && <strong>{t(`train.stage_${run.stage}`)}</strong>} {where}
        </span>
        <span className={classes.details}>{details.join(' · ')}</span>
      </div>
      <Bar.Root size={compact ? 4 : 8} transitionDuration={100}>
        <Bar.Section
          value={(share ?? 1) * 100}
          animated={share === null}
          striped={share === null}
          aria-label={t('train.progress')}
          aria-valuetext={`${where} ${details.join(' ')}`}
        />
      </Bar.Root>
    </div>
  )
}

const unfinished = (preparing: RunState['preparing']): RunState['preparing'] =>
  preparing && (preparing.total === 0 || preparing.done < preparing.total) ? preparing : null

/** Share of the phase, or of the running stage; null where it is not known. */
function runShare(run: RunState, epochs: number, preparing: RunState['preparing']): number | null {
  if (preparing) return preparing.total > 0 ? preparing.done / preparing.total : null
  if (run.epoch === 0 || epochs === 0) return null
  const inEpoch = run.validating ? 1 : run.steps > 0 ? run.step / run.steps : 0
  const finished = run.epochs.at(-1)
  const done =
    finished?.stage === run.stage && finished.epoch === run.epoch ? run.epoch : run.epoch - 1 + inEpoch
  return Math.min(1, done / epochs)
}

/** Epochs of the running stage, as far as is known: it may end early. */
function useStageEpochs(): number {
  const recipe = useApp((state) => state.runRecipe)
  const { stage, epochs, stageEpochs } = useApp((state) => state.run)
  if (!recipe || !stage) return stageEpochs
  return endOfStage(recipe, stage, epochs).epochs
}

/** Counted once a second: time passes between events too. */
function useSecondsLeft(): number | null {
  const [now, setNow] = useState(() => performance.now())
  const active = useApp(({ run }) => isActive(run.status))
  useEffect(() => {
    if (!active) return
    const timer = setInterval(() => setNow(performance.now()), 1000)
    return () => clearInterval(timer)
  }, [active])
  const run = useApp((state) => state.run)
  const recipe = useApp((state) => state.runRecipe)
  const stages = useApp((state) => state.stages)
  if (!recipe || !run.stage || run.epoch === 0) return null
  return secondsLeft({
    recipe,
    stages,
    stage: run.stage,
    epoch: run.epoch,
    share: run.steps > 0 ? run.step / run.steps : 0,
    steps: run.steps,
    epochStartedAt: run.epochStartedAt,
    now: Math.max(now, run.epochStartedAt),
    epochs: run.epochs,
  })
}
