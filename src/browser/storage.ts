/** What the browser keeps for this page, and for how long. */

export interface StorageFindings {
  /** Files of the page's own (OPFS): decoded photos, checkpoints, downloaded weights. */
  files: boolean
  /** IndexedDB: the list of projects and the last folder. */
  database: boolean
  /** The browser promised not to empty it by itself. */
  promised: boolean
  /** A WebKit browser: it empties what a site stored after seven days of use without a visit to the site. */
  emptiesUnused: boolean
  /** Bytes that it still grants; null where it does not say. */
  free: number | null
}

export async function checkStorage(): Promise<StorageFindings> {
  const [files, database, promised, free] = await Promise.all([
    keepsFiles(),
    keepsRecords(),
    isPromised(),
    freeBytes(),
  ])
  return { files, database, promised, emptiesUnused: isWebKit(), free }
}

/**
 * Asks the browser to keep what this page stores; some ask the person. Where it is promised already, nobody is asked.
 * @returns whether it is promised now
 */
export async function keepStorage(): Promise<boolean> {
  if (await isPromised()) return true
  try {
    return (await navigator.storage?.persist?.()) ?? false
  } catch {
    return false
  }
}

const CHECK = 'tabtune-check'

/** A private window may offer the function and refuse its use, so a file is made. */
async function keepsFiles(): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory()
    await root.getFileHandle(CHECK, { create: true })
    await root.removeEntry(CHECK).catch(() => undefined) // Another tab may have removed it.
    return true
  } catch {
    return false
  }
}

function keepsRecords(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(CHECK)
      request.onerror = () => resolve(false)
      request.onblocked = () => resolve(false)
      request.onsuccess = () => {
        request.result.close()
        indexedDB.deleteDatabase(CHECK)
        resolve(true)
      }
    } catch {
      resolve(false)
    }
  })
}

async function isPromised(): Promise<boolean> {
  try {
    return (await navigator.storage?.persisted?.()) ?? false
  } catch {
    return false
  }
}

async function freeBytes(): Promise<number | null> {
  try {
    const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {}
    return quota === undefined ? null : Math.max(0, quota - (usage ?? 0))
  } catch {
    return null
  }
}

/** Events that only WebKit has: its rule of seven days shows in no storage function. */
const isWebKit = (): boolean => 'GestureEvent' in window || 'onwebkitmouseforcechanged' in window
