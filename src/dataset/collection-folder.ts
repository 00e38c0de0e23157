/** Where collections lie in the browser's own file system. */
export const COLLECTIONS = 'collections'

/** Whether any collection is kept here; false too where the browser keeps no files. */
export async function hasCollections(): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory()
    await root.getDirectoryHandle(COLLECTIONS)
    return true
  } catch {
    return false
  }
}
