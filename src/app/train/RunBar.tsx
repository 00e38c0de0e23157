import { Button } from '@mantine/core'
import {
  IconDownload,
  IconFolderOpen,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconVideo,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { isFormerBuiltin } from '../../recipe/index.ts'
import {
  areHere,
  chooseBuiltin,
  isActive,
  openProjectOf,
  pause,
  resume,
  stop,
  train,
  tryWebcam,
  useApp,
} from '../../store/index.ts'
import { AddPhotosButton } from '../collect/AddPhotosButton.tsx'
import { downloadBest } from '../shared/download.ts'
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

/** One stage alone, where the recipe has two. */
function StageButtons({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation()
  const hasBoth = useApp(({ recipe: { stages } }) => stages.head.epochs > 0 && stages.all.epochs > 0)
  if (!hasBoth) return null
  return (
    <div className={classes.stages}>
      <Button
        variant="default"
        size="xs"
        disabled={disabled}
        data-testid="train-head"
        onClick={() => void train(['head'])}
      >
        <span className={classes.number}>1</span> {t('train.head')}
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={disabled}
        data-testid="train-all"
        onClick={() => void train(['all'])}
      >
        <span className={classes.number}>2</span> {t('train.all')}
      </Button>
    </div>
  )
}

function Ready() {
  const { t } = useTranslation()
  const blocked = useBlocked()
  const headOnly = useApp(({ recipe }) => recipe.stages.all.epochs === 0)
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
          {headOnly ? t('train.start') : t('train.both')}
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
  return (
    <>
      <div className={classes.actions}>
        <Button
          size="sm"
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
      <div className={classes.outcome}>
        <RunResult />
        <StageButtons disabled={blocked !== null} />
      </div>
    </>
  )
}
