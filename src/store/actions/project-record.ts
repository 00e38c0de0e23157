/** What is remembered of a dataset: found or made when it is opened, kept up to date while it is open. */
import { withNames } from '../../dataset/index.ts'
import type { Dataset } from '../../dataset/types.ts'
import { baseKey, type Project } from '../../projects/index.ts'
import type { Recipe } from '../../recipe/index.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { type AppState, patchData, useApp } from '../state.ts'

/** Where a dataset came from. */
export type Origin =
  | { kind: 'folder' | 'zip'; handles: readonly FileSystemHandle[] }
  | { kind: 'collection'; collection: string }
  | { kind: 'samples' }

/** What a dataset is once its project is known. */
export interface Entered {
  dataset: Dataset
  checkpointKey: string
  otherTab: boolean
  /** Null where the dataset cannot be trained with: then there is nothing to come back to. */
  project: Project | null
}

/** Finds or makes the dataset's project, names its classes as the person did, and takes a key for its checkpoints. */
export async function enterProject(dataset: Dataset, origin: Origin, key: string): Promise<Entered> {
  const known = await recall(origin, key)
  const claim = await services().tabs.claim(key)
  const entered = { checkpointKey: claim.key, otherTab: claim.isShared }
  if (dataset.problems.some(({ fatal }) => fatal)) return { ...entered, dataset, project: null }
  const project: Project = {
    id: known?.id ?? newId(),
    kind: origin.kind,
    name: dataset.name,
    handles: 'handles' in origin && origin.handles.length > 0 ? [...origin.handles] : (known?.handles ?? []),
    collection: origin.kind === 'collection' ? origin.collection : null,
    checkpointKeys: [key, ...(known?.checkpointKeys ?? []).filter((other) => other !== key)],
    openedAt: new Date().toISOString(),
    photos: dataset.samples.length,
    classes: dataset.classes.length,
    names: known?.names ?? [],
    recipe: known?.recipe ?? null,
    best: known?.best ?? null,
  }
  return { ...entered, dataset: withNames(dataset, new Map(project.names)), project }
}

/** An id; `crypto.randomUUID` is missing where the address is not secure. */
const newId = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join('-')

/** Known by its collection, by its handles (photos may have come or gone), or by its photos' names. */
async function recall(origin: Origin, key: string): Promise<Project | undefined> {
  const { projects } = useApp.getState()
  if (origin.kind === 'collection') return projects.find(({ collection }) => collection === origin.collection)
  if (origin.kind === 'samples') {
    const samples = projects.find(({ kind }) => kind === 'samples')
    if (!samples || samples.checkpointKeys.includes(key)) return samples
    // They were other photos once: one entry stays one, without what was learned of those.
    return { ...samples, names: [], recipe: null, best: null }
  }
  for (const project of projects) if (await areSame(project.handles, origin.handles)) return project
  return projects.find(({ checkpointKeys }) => checkpointKeys.includes(key))
}

async function areSame(kept: readonly FileSystemHandle[], given: readonly FileSystemHandle[]) {
  if (kept.length === 0 || kept.length !== given.length) return false
  const same = await Promise.all(kept.map((handle, index) => handle.isSameEntry(given[index])))
  return same.every(Boolean)
}

/** The recipe that was taken from a project, until the person changes it. */
let restored: Recipe | null = null

/** A project's last recipe, unless the person has chosen one on this page. */
export function restoreRecipe(project: Project | null): void {
  const { presetChosen, recipe } = useApp.getState()
  const isOwn = presetChosen && recipe !== restored
  if (isOwn) return
  const before = restored
  restored = project?.recipe ?? null
  const all = restored !== null
  useApp.setState({ presetChosen: all, ...(restored && { recipe: restored }) })
  if (before || restored) useApp.setState({ chosen: { plan: all, settings: all } })
}

/** Writes a project where the browser keeps any; where it does not, the page remembers it until it is closed. */
export function keepProject(project: Project): void {
  useApp.setState(({ projects }) => ({
    projects: [project, ...projects.filter(({ id }) => id !== project.id)],
  }))
  services()
    .projects.put(project)
    .then(tellOthers, () => useApp.setState({ remembers: false }))
}

/** Other tabs read what is remembered anew. */
export const tellOthers = () => services().tabs.tell()

/** Changes what is remembered of the open dataset. */
export function changeProject(change: (project: Project) => Partial<Project>): void {
  const project = openProjectOf(useApp.getState())
  if (project) keepProject({ ...project, ...change(project) })
}

export const openProjectOf = ({ projects, data }: Pick<AppState, 'projects' | 'data'>): Project | null =>
  projects.find(({ id }) => id === data.project) ?? null

/**
 * Keeps projects up to date: recipe and best accuracy of each run, and what other tabs do. Call it once.
 * @returns how to stop
 */
export function followProjects(): () => void {
  const { tabs } = services()
  void readProjects()
  const look = () => {
    void readProjects()
    void lookAtOtherTabs()
  }
  const seen = () => document.visibilityState === 'visible' && void lookAtOtherTabs()
  document.addEventListener('visibilitychange', seen)
  const stopTabs = tabs.onChange(look)
  const stopRun = useApp.subscribe((state, before) => {
    const [active, was] = [isActive(state.run.status), isActive(before.run.status)]
    if (active && !was) {
      void tabs.startTraining(state.data.checkpointKey)
      const { runRecipe } = state
      if (runRecipe) changeProject(() => ({ recipe: runRecipe }))
    } else if (!active && was) void tabs.endTraining()
    const accuracy = state.run.best?.accuracy
    if (accuracy !== undefined && accuracy !== before.run.best?.accuracy)
      changeProject(({ best }) => ({ best: Math.max(best ?? 0, accuracy) }))
  })
  return () => {
    stopTabs()
    stopRun()
    document.removeEventListener('visibilitychange', seen)
  }
}

async function readProjects(): Promise<void> {
  try {
    useApp.setState({ projects: await services().projects.list() })
  } catch {
    useApp.setState({ remembers: false })
  }
}

/** Whether the open project is open, or trained, in another tab. */
export async function lookAtOtherTabs(): Promise<void> {
  const { checkpointKey } = useApp.getState().data
  if (checkpointKey === '') return
  const { open, training } = await services().tabs.elsewhere()
  const has = (keys: ReadonlySet<string>) => [...keys].some((key) => baseKey(key) === baseKey(checkpointKey))
  patchData({ otherTab: has(training) ? 'training' : has(open) ? 'open' : null })
}
