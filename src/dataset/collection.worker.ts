/** Keeps and zips collections away from the page. */
import { expose } from 'comlink'
import { type CollectionKeeper, CollectionStore } from './collection-store.ts'

class Keeper extends CollectionStore implements CollectionKeeper {
  /** The zip writer is fetched when the first zip is asked for. */
  async zip(folder: Parameters<CollectionKeeper['zip']>[0]): Promise<Blob> {
    const { zipFolder } = await import('./collection-zip.ts')
    return zipFolder(folder)
  }
}

expose(new Keeper())
