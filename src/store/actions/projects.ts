/** Datasets of earlier visits: opened again, forgotten. */
import { baseKey, type Project, permissionOf } from '../../projects/index.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { type Forgotten, patchData, useApp } from '../state.ts'
import { deleteCollection, openCollection } from './collect.ts'
import { closeDataset, openDataset, openHandles, openSamples } from './data.ts'
import { tellOthers } from './project-record.ts'
import { findRuns } from './runs.ts'
import { findResumable } from './training.ts'

/**
 * Opens a dataset of an earlier visit. Call it in a click: the browser asks anew whether its folder may be read.
 * Where it kept no handle, this does nothing: the person has to choose the folder (`needsChoosing`).
 */
export async function openProject(project: Project): Promise<void> {
  if (project.kind === 'samples') return openSamples()
  if (project.collection !== null) {
    const { collection } = project
    return openDataset(openCollection(collection), { kind: 'collection', collection })
  }
  if (needsChoosing(project)) return
  const say = (code: 'asking' | 'permission') => patchData({ notice: { code, name: project.name } })
  if ((await permissionOf(project.handles, () => say('asking'))) === 'denied') return say('permission')
  await openHandles(project.handles)
}

/** Whether the person has to choose the folder or file again, since the browser kept no handle. */
export const needsChoosing = ({ kind, handles }: Project): boolean =>
  (kind === 'folder' || kind === 'zip') && handles.length === 0

/**
 * Deletes every copy that this browser keeps of a project: its handles, names and recipe, its checkpoints with the
 * weights in them, the kept photos, and the photos of classes made by hand. What it was dropped from stays.
 */
export async function forgetProject(project: Project): Promise<void> {
  const { data, classifier } = useApp.getState()
  if (data.project === project.id) {
    if (isActive(useApp.getState().run.status)) return
    closeDataset()
    // The trainer holds the weights of the last run.
    if (classifier?.source !== 'file') services().trainer.close()
  }
  const deleted: Forgotten['deleted'][number][] = []
  const failed: Forgotten['failed'][number][] = []
  const attempt = async (what: Forgotten['deleted'][number], erase: () => Promise<boolean>) => {
    try {
      if (await erase()) deleted.push(what)
    } catch {
      failed.push(what)
    }
  }
  await attempt('entry', async () => {
    await services().projects.remove(project.id)
    return true
  })
  await attempt('checkpoints', () => discardAll(project))
  await attempt('runs', () => deleteRuns(project))
  await attempt('photos', () => services().forgetPhotos())
  await attempt('collection', async () => {
    if (project.collection !== null) await deleteCollection(project.collection)
    return project.collection !== null
  })
  useApp.setState(({ projects }) => ({
    projects: projects.filter(({ id }) => id !== project.id),
    forgotten: { name: project.name, kind: project.kind, deleted, failed },
  }))
  tellOthers()
  await findResumable()
}

/** @returns whether there was a checkpoint */
async function discardAll({ checkpointKeys }: Project): Promise<boolean> {
  const { trainer } = services()
  const found = (await trainer.resumable()).map(({ checkpointKey }) => checkpointKey)
  const own = found.filter((key) => checkpointKeys.includes(baseKey(key)))
  // Damaged ones are not found, but lie there all the same.
  for (const key of new Set([...own, ...checkpointKeys])) await trainer.discard(key)
  return own.length > 0
}

/** @returns whether there was one */
async function deleteRuns({ checkpointKeys }: Project): Promise<boolean> {
  await findRuns()
  const own = useApp.getState().runs.list.filter((run) => checkpointKeys.includes(baseKey(run.checkpointKey)))
  for (const run of own) await services().trainer.removeRun(run.id)
  await findRuns()
  return own.length > 0
}

export const dismissForgotten = (): void => useApp.setState({ forgotten: null })
