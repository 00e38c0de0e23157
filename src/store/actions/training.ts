/** Starting, pausing, stopping and resuming a run. */
import { baseKey } from '../../projects/index.ts'
import {
  type GoingOn,
  goingOn,
  LOCKED_BELOW,
  type Recipe,
  stagesOf,
  TRAINING_STAGES,
  type TrainingStage,
} from '../../recipe/index.ts'
import type { TrainEvent } from '../../training/events.ts'
import { continues } from '../../training/start.ts'
import type { ResumableRun, RunRequest } from '../../training/trainer-api.ts'
import { mergeEvents } from '../merge-events.ts'
import { idleRun, isActive, type RunState, reduceRun } from '../run-state.ts'
import { services } from '../services.ts'
import { type AppState, patchData, useApp } from '../state.ts'
import { forgetDepths, leaveDepths, tryDepths } from './depth.ts'
import { changeRecipe } from './recipe.ts'
import { noteKept, showRun } from './runs.ts'
import { areHere } from './weights.ts'

type Stages = readonly TrainingStage[]

/** Connects the trainer's event stream with the page: at most ten updates a second. */
export function followTrainer(): () => void {
  const updates = mergeEvents<TrainEvent>((events) => {
    const now = performance.now()
    useApp.setState(({ run }) => ({
      run: events.reduce<RunState>((state, event) => reduceRun(state, event, now), run),
    }))
    if (events.some((event) => event.type === 'epoch' || event.type === 'finished')) classifyWithRun()
    noteKept(events)
    if (events.some((event) => event.type === 'finished')) {
      nameRunClasses()
      void comeBack()
      if (followingStage(useApp.getState())?.stage === 'upper') void tryDepths()
    }
  })
  return services().onTrainEvent((event) => updates.push(event))
}

/**
 * What follows the run that is shown, with the settings as they are now; null where nothing does, or where they were changed so
 * that it would be another run.
 */
export function followingStage({
  run,
  runRecipe,
  recipe,
  depth,
}: Pick<AppState, 'run' | 'runRecipe' | 'recipe' | 'depth'>): GoingOn | null {
  // The result is tested in the stage of the best epoch, which may be an earlier one.
  const stage = run.epochs.at(-1)?.stage
  if (run.status !== 'completed' || !run.best || !stage || !runRecipe) return null
  const next = goingOn(runRecipe)
  if (!next) return null
  const { resolved, ...asked } = recipe
  const { stages } = next.recipe
  const own = asked.stages[next.stage]
  const following = {
    ...asked,
    preset: next.recipe.preset,
    stages: { ...stages, head: asked.stages.head, [next.stage]: own.epochs > 0 ? own : stages[next.stage] },
  }
  if (
    next.stage === 'upper' &&
    own.epochs === 0 &&
    depth.status === 'tried' &&
    depth.report.choice !== 'head'
  )
    following.stages.upper = { ...following.stages.upper, locked: [...LOCKED_BELOW[depth.report.choice]] }
  const isSame = continues({ recipe: runRecipe, stage }, following, next.stage)
  return isSame ? { recipe: following, stage: next.stage } : null
}

/** Goes on from the run that is shown with its next stage: nothing is trained anew, and what is better is kept. */
export async function trainFurther(): Promise<void> {
  const next = followingStage(useApp.getState())
  if (!next) return
  useApp.setState({ recipe: next.recipe, presetChosen: true })
  await train([next.stage])
}

export const train = (stages: Stages = TRAINING_STAGES): Promise<void> => start(stages, null)

async function start(stages: Stages, resumed: ResumableRun | null): Promise<void> {
  const { data, run, recipe: chosen } = useApp.getState()
  const { dataset, checkpointKey } = data
  if (!dataset || isActive(run.status)) return
  const depth = leaveDepths()
  const recipe = resumed?.recipe ?? chosen
  const continued = !resumed && continuesRun(stages, recipe) ? run : null
  const past = resumed?.history ?? continued
  useApp.setState(({ classifier }) => ({
    stages,
    // The trainer lets go of a loaded file; from the first epoch on the run's weights classify.
    classifier: classifier?.source === 'file' ? null : classifier,
    runRecipe: recipe,
    recipe,
    awaiting: null,
    advised: null,
    resumable: [],
    depth: { status: 'none' },
    run: {
      ...idleRun,
      status: 'starting',
      phase: 'weights',
      locked: recipe.stages[firstOf(recipe, stages)].locked,
      epochs: past?.epochs ?? [],
      best: past?.best ?? null,
      stepSeries: (continued ?? idleRun).stepSeries,
      watched: (continued ?? idleRun).watched,
      // `all` alone goes on from the weights of the run before: its predictions stay until the first epoch.
      predictions: stages.includes('head') ? [] : run.predictions,
      startedAt: performance.now(),
      epochStartedAt: performance.now(),
    },
  }))
  const request: RunRequest = {
    recipe,
    dataset,
    stages,
    checkpointKey,
    resume: resumed !== null,
    keeps: true,
  }
  try {
    const weights = await weightBytes(recipe)
    await depth
    // Nothing was asked of the trainer yet, which could be told to stop.
    if (useApp.getState().run.status === 'stopping') return endBeforeStart()
    if (weights) request.weights = weights
    await services().trainer.run(request)
  } catch (error) {
    fail(error)
  }
}

const firstOf = (recipe: Recipe, stages: Stages): TrainingStage =>
  stagesOf(recipe).find((stage) => stages.includes(stage)) ?? 'head'

function endBeforeStart(): void {
  useApp.setState(({ run }) => ({ run: { ...run, status: 'stopped', phase: null } }))
  void comeBack()
}

/** A run that was stopped before its first epoch leaves nothing: what was there before it is there again. */
async function comeBack(): Promise<void> {
  const { run, runs } = useApp.getState()
  const before = runs.list.find(({ id }) => id === runs.shown)
  if (run.status === 'stopped' && !run.best && before) await showRun(before)
}

/** The answer to a recipe that asks for WebGPU where there is none: the same run on the processor. */
export async function trainWithoutGraphicsCard(): Promise<void> {
  const { stages } = useApp.getState()
  changeRecipe((recipe) => ({ ...recipe, engine: 'wasm' }))
  await train(stages)
}

/** Whether later stages go on from the earlier ones that are shown: one history, as if all had been asked for. */
function continuesRun(stages: Stages, recipe: Recipe): boolean {
  const { run, runRecipe } = useApp.getState()
  const [next] = TRAINING_STAGES.filter((stage) => stages.includes(stage))
  const stage = run.epochs.at(-1)?.stage
  if (!next || !stage || !run.best || !runRecipe) return false
  return continues({ recipe: runRecipe, stage }, recipe, next)
}

/** The bytes of a source that is not built in. @throws where they are gone. */
async function weightBytes(recipe: Recipe): Promise<RunRequest['weights']> {
  if (recipe.weights.kind === 'builtin') return undefined
  if (recipe.weights.kind === 'imagenet') return services().openImageNet({})
  const { weights } = useApp.getState()
  if (!weights.file || !areHere(recipe.weights, weights)) return undefined
  // The trainer owns the bytes that it is given; the page keeps its own for the next run.
  return { name: weights.file.name, bytes: weights.file.bytes.slice(0) }
}

function fail(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error)
  useApp.setState(({ run }) => ({
    run: run.status === 'failed' ? run : { ...run, status: 'failed', failure: { code: 'internal', detail } },
  }))
}

export const pause = (): Promise<void> => services().trainer.pause().catch(fail)

export const resume = (): Promise<void> => services().trainer.resume().catch(fail)

export async function stop(): Promise<void> {
  useApp.setState(({ run }) => ({ run: isActive(run.status) ? { ...run, status: 'stopping' } : run }))
  await services().trainer.stop().catch(fail)
}

/** Forgets the run that is shown; its checkpoint stays. */
export function clearRun(): void {
  forgetDepths()
  useApp.setState(({ classifier }) => ({
    run: idleRun,
    runRecipe: null,
    // A file that was loaded goes on classifying.
    classifier: classifier?.source === 'file' ? classifier : null,
    classifierError: null,
  }))
}

/** The best weights so far classify what the person tries. */
export function classifyWithRun(): void {
  const { data, runRecipe, run } = useApp.getState()
  if (!data.dataset || !runRecipe || !run.best) return
  useApp.setState({
    classifier: {
      source: 'run',
      name: data.dataset.name,
      classes: data.dataset.classes.map(({ name }) => name),
      evaluation: runRecipe.evaluation,
      accuracy: run.best.accuracy,
    },
    classifierError: null,
  })
}

/** Runs that were cut off, newest first. */
export async function findResumable(): Promise<void> {
  try {
    const [found, { open }] = await Promise.all([services().trainer.resumable(), services().tabs.elsewhere()])
    // One that goes on in another tab was not cut off.
    const resumable = found.filter(({ checkpointKey }) => !open.has(checkpointKey))
    useApp.setState({ resumable: resumable.toSorted((a, b) => b.savedAt.localeCompare(a.savedAt)) })
  } catch {
    // A browser that keeps no files has nothing to offer.
    useApp.setState({ resumable: [] })
  }
}

/** Whether a run's photos are those of a checkpoint key, in whatever tab either was. */
export const isRunOf = (run: ResumableRun, checkpointKey: string): boolean =>
  baseKey(run.checkpointKey) === baseKey(checkpointKey)

/** Its checkpoints go on where they lie, unless another tab took that place meanwhile. */
export async function goOn(run: ResumableRun): Promise<void> {
  if (!(await services().tabs.claimExactly(run.checkpointKey))) {
    useApp.setState({ awaiting: null })
    patchData({ otherTab: 'open' })
    return
  }
  patchData({ checkpointKey: run.checkpointKey })
  await start(TRAINING_STAGES, run)
}

/** After a folder was opened: whether it is the one that a run waits for. */
export async function resumeAwaited(): Promise<void> {
  const { awaiting, data } = useApp.getState()
  if (awaiting && isRunOf(awaiting, data.checkpointKey)) await goOn(awaiting)
}

export async function discardRun(run: ResumableRun): Promise<void> {
  useApp.setState(({ resumable, awaiting }) => ({
    resumable: resumable.filter(({ checkpointKey }) => checkpointKey !== run.checkpointKey),
    awaiting: awaiting?.checkpointKey === run.checkpointKey ? null : awaiting,
  }))
  await services().trainer.discard(run.checkpointKey)
}

/** The run knows the names of its start; called again when it ends, since names may have changed meanwhile. */
export function nameRunClasses(): void {
  const { data, classifier, runRecipe } = useApp.getState()
  if (!data.dataset || !runRecipe) return
  const { classes } = data.dataset
  void services().trainer.nameClasses(classes)
  if (classifier?.source === 'run')
    useApp.setState({ classifier: { ...classifier, classes: classes.map(({ name }) => name) } })
}
