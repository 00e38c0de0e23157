/** Runs that ended and are kept: shown again, gone on from, repeated, compared, named, deleted. */
import { baseKey } from '../../projects/index.ts'
import { type Recipe, TRAINING_STAGES, type TrainingStage } from '../../recipe/index.ts'
import type { TrainEvent } from '../../training/events.ts'
import type { KeptRun } from '../../training/trainer-api.ts'
import { compareRuns } from '../compare-runs.ts'
import { messageOf } from '../message-of.ts'
import { idleRun, isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { type AppState, useApp } from '../state.ts'
import { forgetDepths, leaveDepths } from './depth.ts'
import { classifyWithRun, nameRunClasses, train } from './training.ts'

export function patchRuns(changes: Partial<AppState['runs']>): void {
  useApp.setState(({ runs }) => ({ runs: { ...runs, ...changes } }))
}

/** Reads the list. A browser that keeps no files has none. */
export async function findRuns(): Promise<void> {
  const list = await services()
    .trainer.keptRuns()
    .catch(() => [])
  patchRuns({ list })
}

/** What the trainer says of keeping: the list follows. */
export function noteKept(events: readonly TrainEvent[]): void {
  for (const event of events)
    if (event.type === 'kept') {
      const { list } = useApp.getState().runs
      // What is worth keeping is worth asking the browser not to clear it.
      if (list.length === 0) void services().browser.keepStorage()
      const others = list.filter(({ id }) => id !== event.run.id)
      patchRuns({ list: [event.run, ...others], shown: event.run.id, unkept: null })
    } else if (event.type === 'notice' && event.code === 'run-not-kept')
      patchRuns({ unkept: { detail: event.detail }, shown: null })
}

/** Kept runs of the photos that are open, newest first. */
export const runsOfPhotos = ({ runs, data }: Pick<AppState, 'runs' | 'data'>): KeptRun[] =>
  runs.list.filter(({ checkpointKey }) => baseKey(checkpointKey) === baseKey(data.checkpointKey))

/** The stages that a run went through, in their order: a stage that was gone on with counts its earlier ones. */
export const stagesRun = ({ history }: Pick<KeptRun, 'history'>): TrainingStage[] =>
  TRAINING_STAGES.filter((stage) => history.epochs.some((epoch) => epoch.stage === stage))

/** Shows a kept run as it was when it ended: its weights classify and can be downloaded, and it can be gone on from. */
export async function showRun(run: KeptRun): Promise<void> {
  if (isActive(useApp.getState().run.status)) return
  patchRuns({ opening: run.id, error: null })
  try {
    await leaveDepths()
    const predictions = await services().trainer.openRun(run.id)
    if (isActive(useApp.getState().run.status)) return patchRuns({ opening: null })
    forgetDepths()
    const { history } = run
    const { engine, adapter, kernels, microBatch = null, epochs, best, test = null } = history
    useApp.setState({
      runRecipe: run.recipe,
      stages: run.stages,
      run: {
        ...idleRun,
        status: run.ended,
        stage: epochs.at(-1)?.stage ?? null,
        epochs,
        best,
        test,
        predictions,
        engine: { engine, adapter, kernels, microBatch },
        result: { history, recipe: run.recipe },
      },
    })
    patchRuns({ shown: run.id, opening: null, unkept: null })
    classifyWithRun()
    nameRunClasses()
  } catch (error) {
    const isOverrun = isActive(useApp.getState().run.status)
    patchRuns({ opening: null, error: isOverrun ? null : { what: 'open', detail: messageOf(error) } })
  }
}

/** Shows it with its own settings, so that going on goes on from it. */
export async function openRun(run: KeptRun): Promise<void> {
  await showRun(run)
  const { resolved, ...recipe } = run.recipe
  if (useApp.getState().runs.shown === run.id) useApp.setState({ recipe, presetChosen: true })
}

/** After photos were opened: the newest run of theirs is there as it was. */
export async function showNewestRun(): Promise<void> {
  await findRuns()
  const state = useApp.getState()
  const newest = runsOfPhotos(state).at(0)
  // One that was cut off or begins now is more wanted.
  if (newest && state.run.status === 'idle' && !state.awaiting && state.classifier?.source !== 'file')
    await showRun(newest)
}

/** Whether its recipe tells all that it began from. */
export const canRepeat = (run: KeptRun): boolean => stagesRun(run).at(0) === firstStage(run.recipe)

const firstStage = ({ stages }: Recipe): TrainingStage | undefined =>
  TRAINING_STAGES.find((stage) => stages[stage].epochs > 0)

/** Trains the same again: the same seed, kernels and portions give the same bits. */
export async function repeatRun(run: KeptRun): Promise<void> {
  if (isActive(useApp.getState().run.status)) return
  useApp.setState({ recipe: run.recipe, presetChosen: true })
  await train(stagesRun(run))
}

export async function renameRun(run: KeptRun, name: string): Promise<void> {
  const given = name.trim()
  if (given === run.name) return
  patchRuns({
    list: useApp
      .getState()
      .runs.list.map((other) => (other.id === run.id ? { ...other, name: given } : other)),
  })
  await services()
    .trainer.renameRun(run.id, given)
    .catch((error: unknown) => patchRuns({ error: { what: 'rename', detail: messageOf(error) } }))
}

/** Deletes a run with all that is kept of it. One that is shown stays on the page until something else is. */
export async function deleteRun(run: KeptRun): Promise<void> {
  try {
    await services().trainer.removeRun(run.id)
    const { list, shown, compared } = useApp.getState().runs
    const isCompared = compared && [compared.first, compared.second].some(({ id }) => id === run.id)
    patchRuns({
      list: list.filter(({ id }) => id !== run.id),
      ...(shown === run.id && { shown: null }),
      ...(isCompared && { compared: null }),
    })
  } catch (error) {
    patchRuns({ error: { what: 'delete', detail: messageOf(error) } })
  }
}

/** Runs whose deletion makes room for the one that could not be kept: the oldest, never the best of its photos. */
export function roomFor({ runs }: Pick<AppState, 'runs'>): KeptRun[] {
  const best = new Map<string, KeptRun>()
  for (const run of runs.list) {
    const key = baseKey(run.checkpointKey)
    const known = best.get(key)
    if (!known || accuracyOf(run) > accuracyOf(known)) best.set(key, run)
  }
  const kept = new Set([...best.values()].map(({ id }) => id))
  return runs.list.filter(({ id }) => !kept.has(id)).toReversed()
}

export const accuracyOf = ({ history }: KeptRun): number => history.best?.accuracy ?? 0

/** Deletes runs, then keeps the one that found no room. */
export async function makeRoom(old: readonly KeptRun[]): Promise<void> {
  for (const run of old) await deleteRun(run)
  await keepRunNow()
}

/** Keeps the run that is shown, where that failed when it ended. */
export async function keepRunNow(): Promise<void> {
  try {
    await services().trainer.keepRun()
  } catch (error) {
    patchRuns({ unkept: { detail: messageOf(error) } })
  }
}

/** Lays two runs side by side. */
export async function compare(first: KeptRun, second: KeptRun): Promise<void> {
  try {
    const { trainer } = services()
    const predictions = await Promise.all([first, second].map(({ id }) => trainer.runPredictions(id)))
    patchRuns({ compared: { first, second, ...compareRuns(first.classes, predictions[0], predictions[1]) } })
  } catch (error) {
    patchRuns({ error: { what: 'compare', detail: messageOf(error) } })
  }
}

export const closeComparison = (): void => patchRuns({ compared: null })
