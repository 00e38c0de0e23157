import { Button } from '@mantine/core'
import {
  IconDownload,
  IconFolderOpen,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconVideo,
} from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { isFormerBuiltin, stagesOf } from '../../recipe/index.ts'
import {
  areHere,
  chooseBuiltin,
  correctedRate,
  estimateSeconds,
  followingStage,
  isActive,
  openProjectOf,
  pause,
  probeRate,
  resume,
  splitCounts,
  stop,
  train,
  trainFurther,
  tryWebcam,
  useApp,
} from '../../store/index.ts'
import { AddPhotosButton } from '../collect/AddPhotosButton.tsx'
import { RoomQuestion } from '../runs/RoomQuestion.tsx'
import { downloadBest } from '../shared/download.ts'
import { useFormat } from '../shared/format.ts'
import { useFolderChoice } from '../start/use-folder-choice.tsx'
import { KeepAwake } from './KeepAwake.tsx'
import { Progress } from './Progress.tsx'
import classes from './RunBar.module.css'
import { RunResult } from './RunResult.tsx'
import { StageSteps } from './StageSteps.tsx'

/** Exactly one primary button at any time: train, then try. */
export function RunBar() {
  const status = useApp(({ run }) => run.status)
  const hasBest = useApp(({ run }) => run.best !== null)
  if (isActive(status)) return <Running />
  return <div className={classes.bar}>{hasBest && status !== 'idle' ? <Finished /> : <Ready />}</div>
}

/** What a run lacks before it can start, or null. */
function useBlocked(): 'photos' | 'weights' | null {
  const fatal = useApp(({ data }) => data.dataset?.problems.some((problem) => problem.fatal) ?? true)
  const missing = useApp(({ recipe, weights }) => !areHere(recipe.weights, weights))
  return fatal ? 'photos' : missing ? 'weights' : null
}

/** One stage alone, where the course's recipe has both. */
function StageButtons({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.recipe)
  const stages = stagesOf(recipe)
  if (recipe.preset !== 'course' || stages.length < 2) return null
  return (
    <div className={classes.stages}>
      {stages.map((stage, index) => (
        <Button
          key={stage}
          variant="default"
          size="xs"
          disabled={disabled}
          data-testid={`train-${stage}`}
          onClick={() => void train([stage])}
        >
          <span className={classes.number}>{index + 1}</span>{' '}
          {stage === 'head' ? t('train.only_head') : t(`train.${stage}`)}
        </Button>
      ))}
    </div>
  )
}

/** What a click on the button trains, in its words. */
function useStartText(): string {
  const { t } = useTranslation()
  const stages = useApp(({ recipe }) => stagesOf(recipe).join('_'))
  switch (stages) {
    case 'head_upper':
    case 'head_upper_all':
    case 'head_all':
    case 'upper':
    case 'upper_all':
    case 'all':
      return t(`train.start_${stages}`)
    default:
      return t('train.start_head')
  }
}

function Ready() {
  const { t } = useTranslation()
  const blocked = useBlocked()
  const start = useStartText()
  const former = useApp(({ recipe }) => isFormerBuiltin(recipe.weights))
  return (
    <>
      <div className={classes.actions}>
        <Button
          size="md"
          className={classes.primary}
          variant={blocked ? 'default' : 'filled'}
          leftSection={<IconPlayerPlay size={18} />}
          disabled={blocked !== null}
          data-testid="train"
          onClick={() => void train()}
        >
          {start}
        </Button>
        {blocked ? <Remedy blocked={blocked} /> : <StageButtons disabled={false} />}
      </div>
      <div className={classes.below}>
        <p className={classes.hint} data-blocked={blocked ? true : undefined}>
          {blocked === 'photos' && t('train.blocked')}
          {blocked === 'weights' && t(former ? 'train.blocked_former' : 'train.blocked_weights')}
          {blocked === null && t('train.idle')}
        </p>
        <KeepAwake />
      </div>
    </>
  )
}

/** Where nothing can be trained, the next step is another one. */
function Remedy({ blocked }: { blocked: 'photos' | 'weights' }) {
  const { t } = useTranslation()
  const { chooseFolder, inputs } = useFolderChoice()
  const isCollection = useApp((state) => (openProjectOf(state)?.collection ?? null) !== null)
  if (blocked === 'weights')
    return (
      <Button size="md" data-testid="use-builtin" onClick={() => chooseBuiltin()}>
        {t('train.use_builtin')}
      </Button>
    )
  if (isCollection) return <AddPhotosButton size="md" variant="filled" />
  return (
    <>
      <Button
        size="md"
        leftSection={<IconFolderOpen size={18} />}
        data-testid="other-folder"
        onClick={() => chooseFolder()}
      >
        {t('train.other_folder')}
      </Button>
      {inputs}
    </>
  )
}

function Running() {
  return (
    <div className={classes.running}>
      <div className={classes.actions}>
        <StageSteps />
        <span className={classes.grow} />
        <KeepAwake />
        <Controls />
      </div>
      <Progress />
    </div>
  )
}

function Controls() {
  const { t } = useTranslation()
  const status = useApp(({ run }) => run.status)
  const paused = status === 'paused'
  return (
    <div className={classes.controls}>
      <Button
        variant="default"
        size="xs"
        leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
        disabled={status === 'stopping' || status === 'starting'}
        data-testid={paused ? 'resume' : 'pause'}
        onClick={() => void (paused ? resume() : pause())}
      >
        {paused ? t('train.resume') : t('train.pause')}
      </Button>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlayerStop size={15} />}
        disabled={status === 'stopping'}
        data-testid="stop"
        onClick={() => void stop()}
      >
        {status === 'stopping' ? t('train.stopping') : t('train.stop')}
      </Button>
    </div>
  )
}

function Finished() {
  const { t } = useTranslation()
  const blocked = useBlocked()
  const further = useFurther()
  const isOffered = further !== null && blocked === null
  const isWorthIt = useApp(({ depth }) => depth.status !== 'tried' || depth.report.choice !== 'head')
  return (
    <>
      <div className={classes.actions}>
        {isOffered && (
          <Button
            size="sm"
            className={classes.further}
            classNames={{ label: classes.furtherLabel }}
            variant={isWorthIt ? 'filled' : 'light'}
            leftSection={<IconPlayerTrackNext size={17} />}
            data-testid="train-further"
            onClick={() => void trainFurther()}
          >
            {further.time === null
              ? t(`train.further_${further.stage}`)
              : t(`train.further_${further.stage}_time`, { time: further.time })}
          </Button>
        )}
        <Button
          size="sm"
          variant={isOffered && isWorthIt ? 'light' : 'filled'}
          leftSection={<IconVideo size={17} />}
          data-testid="try-webcam"
          onClick={() => {
            tryWebcam()
            // On a phone the results are drawn by then.
            requestAnimationFrame(() =>
              document.getElementById('results')?.scrollIntoView({ block: 'start' }),
            )
          }}
        >
          {t('train.try')}
        </Button>
        <Button
          size="sm"
          variant="light"
          leftSection={<IconDownload size={17} />}
          data-testid="download-weights"
          onClick={() => void downloadBest()}
        >
          {t('train.download')}
        </Button>
        <span className={classes.grow} />
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          disabled={blocked !== null}
          data-testid="train"
          onClick={() => void train()}
        >
          {t('train.again')}
        </Button>
      </div>
      <RoomQuestion />
      <div className={classes.outcome}>
        <RunResult />
        <StageButtons disabled={blocked !== null} />
      </div>
      {isOffered && (
        <p className={classes.hint} data-testid="further-text">
          <FurtherWords stage={further.stage} />
        </p>
      )}
    </>
  )
}

/** What going on would do, and whether it is worth it, once that was tried. */
function FurtherWords({ stage }: { stage: 'upper' | 'all' }) {
  const { t } = useTranslation()
  const format = useFormat()
  const depth = useApp((state) => state.depth)
  const what = t(`train.further_${stage}_text`)
  if (depth.status === 'none') return what
  if (depth.status === 'trying')
    return (
      <>
        {what} <span role="status">{t('train.depth_trying')}</span>
      </>
    )
  const { choice, trials } = depth.report
  const [first] = trials
  const last = trials.findLast((trial) => trial.depth === choice) ?? first
  const losses = { before: format.loss(first.before), after: format.loss(last.after) }
  return (
    <span role="status" data-testid="depth">
      {t(`train.depth_${choice}`, losses)}
    </span>
  )
}

/** The stage that follows the finished run, and how long it takes here, where the machine was measured. */
function useFurther(): { stage: 'upper' | 'all'; time: string | null } | null {
  const format = useFormat()
  const run = useApp((state) => state.run)
  const runRecipe = useApp((state) => state.runRecipe)
  const recipe = useApp((state) => state.recipe)
  const depth = useApp((state) => state.depth)
  const next = useMemo(
    () => followingStage({ run, runRecipe, recipe, depth }),
    [run, runRecipe, recipe, depth],
  )
  const rate = useApp(({ probe, recipe }) => probeRate(probe, recipe.engine))
  const dataset = useApp(({ data }) => data.dataset)
  if (!next || next.stage === 'head' || !dataset) return null
  const photos = splitCounts(dataset)
  const measured = rate && correctedRate(next.recipe, photos, rate, run.epochs)
  const estimated = measured && estimateSeconds(next.recipe, photos, measured, [next.stage])
  // Where it was tried, how long that took tells most.
  const trials = depth.status === 'tried' && next.stage === 'upper' ? depth.report.trials : []
  const trial = trials.findLast((tried) => !next.recipe.stages.upper.locked.includes(tried.depth))
  const seconds = trial?.seconds ?? estimated
  return { stage: next.stage, time: seconds === null ? null : format.duration(seconds) }
}
