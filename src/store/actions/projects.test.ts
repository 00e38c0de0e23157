/** Datasets of earlier visits: known again, opened again, renamed, told apart between tabs, forgotten. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GatheredFolder } from '../../dataset/types.ts'
import { MemoryProjects, ProjectTabs } from '../../projects/index.ts'
import { lockManager } from '../../projects/testing.ts'
import { presetRecipe } from '../../recipe/index.ts'
import { PATIENT } from '../../training/testing/patient.ts'
import type { ResumableRun, RunRequest } from '../../training/trainer-api.ts'
import { provideServices, type Services } from '../services.ts'
import { initialState, useApp } from '../state.ts'
import { fakeServices, fakeTrainer, folderOf } from '../testing.ts'
import { nameClass, nameClasses, openDrop, openFiles, openPicked, openSamples } from './data.ts'
import { photosKey } from './dataset-facts.ts'
import { followProjects } from './project-record.ts'
import { forgetProject, needsChoosing, openProject } from './projects.ts'
import { choosePreset } from './recipe.ts'
import { resumeRun } from './resume.ts'
import { findResumable, train } from './training.ts'

/** A directory of which the browser asks whether it may be read. */
class FakeHandle implements FileSystemHandle {
  readonly kind = 'directory'
  permission: PermissionState = 'prompt'
  asked = 0

  constructor(
    readonly name: string,
    private readonly answer: PermissionState = 'granted',
  ) {}

  async isSameEntry(other: FileSystemHandle): Promise<boolean> {
    return other === this
  }

  async queryPermission(): Promise<PermissionState> {
    return this.permission
  }

  async requestPermission(): Promise<PermissionState> {
    this.asked++
    this.permission = this.answer
    return this.answer
  }
}

const ants = ['train/ants/1.jpg', 'train/bees/1.jpg', 'valid/ants/1.jpg', 'valid/bees/1.jpg']
const cats = ['train/cats/1.jpg', 'train/dogs/1.jpg', 'valid/cats/1.jpg', 'valid/dogs/1.jpg']

let kept: MemoryProjects
let gathered: GatheredFolder
let requests: RunRequest[]
let discarded: string[]
let resumable: ResumableRun[]
let stopFollowing: () => void

/** A page: the same browser with an empty state, as after a reload. */
async function visit(own: Partial<Services> = {}): Promise<void> {
  stopFollowing?.()
  useApp.setState(initialState, true)
  const trainer = fakeTrainer({
    run: async (request) => {
      requests.push(request)
    },
    resumable: async () => resumable,
    discard: async (key) => {
      discarded.push(key)
    },
    ...own.trainer,
  })
  const gather = async () => gathered
  provideServices(
    fakeServices({
      projects: kept,
      gatherDrop: gather,
      gatherFiles: gather,
      gatherHandles: async (handles) => ({ ...gathered, handles }),
      gatherSamples: async () =>
        folderOf('samples', ['train/a/1.jpg', 'train/b/1.jpg', 'valid/a/2.jpg', 'valid/b/2.jpg']),
      ...own,
      trainer,
    }),
  )
  stopFollowing = followProjects()
  await vi.waitFor(async () => expect(useApp.getState().projects).toHaveLength(kept.kept.size), PATIENT)
}

const open = (name: string, paths: readonly string[], handles?: readonly FileSystemHandle[]) => {
  gathered = folderOf(name, paths, { handles })
  return openFiles([])
}

const last = () => useApp.getState().projects[0]
const notice = () => useApp.getState().data.notice?.code

function cutOffRun(): ResumableRun {
  const { dataset } = useApp.getState().data
  if (!dataset) throw new Error('no dataset is open')
  return {
    checkpointKey: photosKey(dataset),
    datasetName: dataset.name,
    savedAt: '2026-01-01T00:00:00Z',
    needs: null,
    recipe: { ...presetRecipe('course'), seed: 77 },
    history: { epochs: [], best: null, engine: 'wasm', adapter: '', kernels: '', version: '' },
  }
}

beforeEach(async () => {
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  kept = new MemoryProjects()
  requests = []
  discarded = []
  resumable = []
  await visit()
})

afterEach(() => {
  stopFollowing()
  vi.unstubAllGlobals()
})

test('at the next visit a folder opens again by its handle, once the browser was asked', async () => {
  const handle = new FakeHandle('insects')
  await open('insects', ants, [handle])
  await visit()
  expect(useApp.getState().data.dataset).toBeNull()
  expect(last()).toMatchObject({ name: 'insects', kind: 'folder', photos: 4, classes: 2 })
  await openProject(last())
  expect(handle.asked).toBe(1)
  expect(useApp.getState().data.dataset?.name).toBe('insects')
  expect(notice()).toBeUndefined()
})

test('a refused permission opens nothing, forgets nothing and is said', async () => {
  await open('insects', ants, [new FakeHandle('insects', 'denied')])
  await visit()
  await openProject(last())
  expect(useApp.getState().data.dataset).toBeNull()
  expect(useApp.getState().data.notice).toEqual({ code: 'permission', name: 'insects' })
  expect(kept.kept.size).toBe(1)
})

test('the sample photos open again without being chosen, as they were left', async () => {
  await openSamples()
  nameClass('a', 'Apfel')
  await visit()
  expect(needsChoosing(last())).toBe(false)
  await openProject(last())
  expect(useApp.getState().data).toMatchObject({ isSample: true, project: last().id })
  expect(useApp.getState().data.dataset?.classes[0].name).toBe('Apfel')
})

test('sample photos that were others once stay one project, without what was learned of those', async () => {
  await openSamples()
  await kept.put({ ...last(), checkpointKeys: ['samples'], names: [['a', 'Apfel']], best: 0.9 })
  await visit()
  await openProject(last())
  expect(useApp.getState().projects).toHaveLength(1)
  expect(last()).toMatchObject({ names: [], best: null, checkpointKeys: ['samples-trashnet', 'samples'] })
  expect(useApp.getState().data.dataset?.classes[0].name).toBe('a')
})

test('sample photos that do not come leave what was open and say why', async () => {
  await open('insects', ants)
  provideServices(fakeServices({ gatherSamples: () => Promise.reject(new Error('it answered 404.')) }))
  await openSamples()
  const { dataset, error, status } = useApp.getState().data
  expect([dataset?.name, status]).toEqual(['insects', 'ready'])
  expect(error).toEqual({ code: 'samples', detail: 'it answered 404.' })
})

test('where the browser keeps no handle, the folder is asked for and known again by its photos', async () => {
  await open('insects', ants)
  nameClass('ants', 'Ameisen')
  await visit()
  const project = last()
  expect(needsChoosing(project)).toBe(true)
  gathered = folderOf('insects', ants)
  await openFiles([], project)
  expect(last().id).toBe(project.id)
  expect(useApp.getState().data.dataset?.classes[0].name).toBe('Ameisen')
  expect(notice()).toBeUndefined()
})

test('another folder than the one that was asked for opens as a project of its own, which is said', async () => {
  await open('insects', ants)
  await visit()
  const project = last()
  gathered = folderOf('pets', cats)
  await openFiles([], project)
  expect(useApp.getState().data.notice).toEqual({ code: 'other-folder', name: 'insects' })
  expect(useApp.getState().projects.map(({ name }) => name)).toEqual(['pets', 'insects'])
})

test('a folder with a photo more stays the same project and keeps its checkpoints', async () => {
  const handle = new FakeHandle('insects')
  await open('insects', ants, [handle])
  const [first] = last().checkpointKeys
  await open('insects', [...ants, 'train/ants/2.jpg'], [handle])
  expect(kept.kept.size).toBe(1)
  expect(last().checkpointKeys).toHaveLength(2)
  expect(last().checkpointKeys[1]).toBe(first)
})

test('a class is named in place: its id stays, the trainer is told, an empty name gives the folder’s back', async () => {
  const named = vi.fn(async () => {})
  await visit({ trainer: fakeTrainer({ nameClasses: named }) })
  await open('insects', ants)
  await train()
  expect(nameClass('ants', ' Ameisen ')).toBe(true)
  expect(useApp.getState().data.dataset?.classes[0]).toEqual({ id: 'ants', name: 'Ameisen' })
  expect(named).toHaveBeenLastCalledWith([
    { id: 'ants', name: 'Ameisen' },
    { id: 'bees', name: 'bees' },
  ])
  expect(nameClass('ants', '')).toBe(true)
  expect(useApp.getState().data.dataset?.classes[0].name).toBe('ants')
})

test('two classes cannot be given one name', async () => {
  await open('insects', ants)
  expect(nameClass('ants', 'bees')).toBe(false)
  expect(useApp.getState().data.dataset?.classes.map(({ name }) => name)).toEqual(['ants', 'bees'])
})

test('names of a file that came after the folder are there again at the next visit', async () => {
  await open('insects', ants)
  await nameClasses(new File(['{"ants": "Ameisen"}'], 'cat_to_name.json'))
  await visit()
  await open('insects', ants)
  expect(useApp.getState().data.dataset?.classes.map(({ name }) => name)).toEqual(['Ameisen', 'bees'])
})

test('the recipe of the last run comes back with its project, and goes with it', async () => {
  await open('insects', ants)
  choosePreset('best')
  await train()
  await visit()
  expect(useApp.getState().recipe.preset).not.toBe('best')
  await open('insects', ants)
  expect(useApp.getState().recipe.preset).toBe('best')
  await open('pets', cats)
  expect(useApp.getState().presetChosen).toBe(false)
})

test('a recipe that was chosen on this page is not replaced by a project’s', async () => {
  await open('insects', ants)
  choosePreset('best')
  await train()
  await visit()
  choosePreset('quick')
  await open('insects', ants)
  expect(useApp.getState().recipe.preset).toBe('quick')
})

test('the best accuracy of all runs is remembered', async () => {
  await open('insects', ants)
  const { run } = useApp.getState()
  for (const accuracy of [0.9, 0.7])
    useApp.setState({ run: { ...run, best: { stage: 'head', epoch: 1, accuracy, loss: 1 } } })
  await visit()
  expect(last().best).toBe(0.9)
})

test('a cut-off run of a folder with a handle goes on with one click', async () => {
  const handle = new FakeHandle('insects')
  await open('insects', ants, [handle])
  resumable = [cutOffRun()]
  await visit()
  await findResumable()
  await resumeRun(useApp.getState().resumable[0])
  expect(handle.asked).toBe(1)
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({ resume: true, recipe: { seed: 77 } })
})

test('forgetting a project deletes its checkpoints, kept photos and entry, and says so', async () => {
  const forgetPhotos = vi.fn(async () => true)
  await visit({ forgetPhotos })
  await open('insects', ants)
  const run = cutOffRun()
  const inSecondTab = { ...run, checkpointKey: `${run.checkpointKey}.2` }
  await open('pets', cats)
  resumable = [run, inSecondTab, cutOffRun()]
  const insects = useApp.getState().projects[1]
  await forgetProject(insects)
  expect(discarded.toSorted()).toEqual([run.checkpointKey, inSecondTab.checkpointKey].toSorted())
  expect(forgetPhotos).toHaveBeenCalledOnce()
  expect([...kept.kept.values()].map(({ name }) => name)).toEqual(['pets'])
  expect(useApp.getState().forgotten).toEqual({
    name: 'insects',
    kind: 'folder',
    deleted: ['entry', 'checkpoints', 'photos'],
    failed: [],
  })
  expect(useApp.getState().data.dataset?.name).toBe('pets')
})

test('the open project is closed when it is forgotten; what could not be deleted is said', async () => {
  await visit({ forgetPhotos: () => Promise.reject(new DOMException('held', 'NoModificationAllowedError')) })
  await open('insects', ants)
  await forgetProject(last())
  expect(useApp.getState().data.dataset).toBeNull()
  expect(useApp.getState().forgotten).toMatchObject({ deleted: ['entry'], failed: ['photos'] })
})

test('while a run goes on nothing is forgotten', async () => {
  await open('insects', ants)
  useApp.setState(({ run }) => ({ run: { ...run, status: 'running' } }))
  await forgetProject(last())
  expect(kept.kept.size).toBe(1)
  expect(useApp.getState().data.dataset?.name).toBe('insects')
})

test('a browser that keeps nothing loses no function but memory', async () => {
  const refuse = () => Promise.reject(new DOMException('private', 'InvalidStateError'))
  await visit({ projects: { list: refuse, put: refuse, remove: refuse } })
  await vi.waitFor(() => expect(useApp.getState().remembers).toBe(false), PATIENT)
  await open('insects', ants)
  expect(nameClass('ants', 'Ameisen')).toBe(true)
  expect(useApp.getState().data.dataset?.classes[0].name).toBe('Ameisen')
  expect(useApp.getState().projects.map(({ name }) => name)).toEqual(['insects'])
})

test('a folder that cannot be trained with is no project to come back to', async () => {
  await open('alone', ['train/ants/1.jpg', 'valid/ants/1.jpg'])
  expect(useApp.getState().data.dataset?.problems.map(({ code }) => code)).toContain('one-class')
  expect(kept.kept.size).toBe(0)
})

test('the second tab of a project trains into checkpoints of its own, and hears of the first tab’s run', async () => {
  const locks = lockManager()
  const other = new ProjectTabs(locks)
  await open('insects', ants)
  const key = useApp.getState().data.checkpointKey
  await other.claim(key)
  await other.startTraining(key)
  await visit({ tabs: new ProjectTabs(locks) })
  await open('insects', ants)
  await vi.waitFor(() => expect(useApp.getState().data.otherTab).toBe('training'), PATIENT)
  await train()
  expect(requests.at(-1)?.checkpointKey).toBe(`${key}.2`)
  await other.endTraining()
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.waitFor(() => expect(useApp.getState().data.otherTab).toBe('open'), PATIENT)
})

test('a run that goes on in another tab is not offered as one that was cut off', async () => {
  const locks = lockManager()
  const other = new ProjectTabs(locks)
  await open('insects', ants)
  resumable = [cutOffRun()]
  await other.claim(resumable[0].checkpointKey)
  await visit({ tabs: new ProjectTabs(locks) })
  await findResumable()
  expect(useApp.getState().resumable).toEqual([])
  await other.leave()
  await findResumable()
  expect(useApp.getState().resumable).toHaveLength(1)
})

test('a picker that is closed changes nothing and says what to do', async () => {
  await open('insects', ants)
  await openPicked()
  expect(useApp.getState().data.dataset?.name).toBe('insects')
  expect(notice()).toBe('nothing-chosen')
})

test('a folder that is dropped while a run goes on is refused in words', async () => {
  await openSamples()
  useApp.setState(({ run }) => ({ run: { ...run, status: 'running' } }))
  const gatherDrop = vi.fn()
  provideServices(fakeServices({ gatherDrop }))
  // The transfer is not looked at.
  await openDrop(Object.create(null))
  expect(gatherDrop).not.toHaveBeenCalled()
  expect(useApp.getState().data.notice).toEqual({ code: 'busy', name: 'samples' })
  expect(useApp.getState().data.dataset?.name).toBe('samples')
})

test('a folder that was moved or may not be read is said to be so, and not to be empty', async () => {
  const problems = [{ code: 'folder-vanished' as const, fatal: false, values: { path: 'insects' } }]
  gathered = folderOf('insects', [], { problems })
  await openFiles([])
  expect(useApp.getState().data.rejected.map(({ code }) => code)).toEqual(['folder-vanished'])
})
