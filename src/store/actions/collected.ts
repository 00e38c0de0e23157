/** What classes made by hand become: the page's dataset, trained with at once where that is asked for. */
import { type Collection, collectionDataset, photoCount } from '../../dataset/index.ts'
import type { Dataset } from '../../dataset/types.ts'
import { useApp } from '../state.ts'
import { deleteCollection, leaveCollection } from './collect.ts'
import { openDataset } from './data.ts'
import { photosKey } from './dataset-facts.ts'
import { openProjectOf } from './project-record.ts'
import { train } from './training.ts'

/** Makes it the page's dataset, and trains with it if asked to. Its photos stay kept. */
export async function finishCollection(options: { train: boolean }): Promise<void> {
  const { collect } = useApp.getState()
  if (!collect) return
  const { collection } = collect
  leaveCollection()
  const dataset = collectionDataset(collection, useApp.getState().recipe)
  if (!isOpen(collection, dataset))
    await openDataset(dataset, { kind: 'collection', collection: collection.id })
  if (!options.train) return
  useApp.setState({ panel: 'train' })
  await train()
}

/** Whether the page's dataset is this one already: then its run and results stay. */
function isOpen(collection: Collection, dataset: Dataset): boolean {
  const state = useApp.getState()
  const open = openProjectOf(state)?.collection === collection.id ? state.data.dataset : null
  return open !== null && photosKey(open) === photosKey(dataset)
}

/** Back to where the person came from; a collection without a photo is not kept. */
export async function closeCollection(): Promise<void> {
  const { collect, data } = useApp.getState()
  if (!collect) return
  const { collection } = collect
  if (data.dataset && photoCount(collection) > 0) await finishCollection({ train: false })
  else leaveCollection()
  if (photoCount(collection) === 0) await deleteCollection(collection.id)
}
