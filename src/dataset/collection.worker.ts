/** Keeps and zips collections away from the page. */
import { expose } from 'comlink'
import { type CollectionKeeper, CollectionStore } from './collection-store.ts'
import { zipFolder } from './collection-zip.ts'

class Keeper extends CollectionStore implements CollectionKeeper {
  zip = zipFolder
}

expose(new Keeper())
