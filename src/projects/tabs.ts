/**
 * Two tabs with one project would write each other's checkpoints. Each tab holds a Web Lock on the key it writes to;
 * the second tab takes `<key>.2`, the third `<key>.3`. A lock ends with its tab, however that ends.
 */

/** What of a tab's locks is used; absent where the address is not secure. */
export type Locks = Pick<LockManager, 'request' | 'query'>

export interface Claim {
  /** Where this tab's checkpoints go. */
  key: string
  /** Whether another tab had the project open first. */
  isShared: boolean
}

const OPEN = 'tabtune-open:'
const TRAINING = 'tabtune-training:'

/** The key without a tab's number: base keys end in a hash of eight digits, or in a word. */
export const baseKey = (key: string): string => key.replace(/\.\d+$/, '')

/** Tells the other tabs that something changed. */
export type TabChannel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'removeEventListener'>

interface Held {
  key: string
  /** Resolves when the lock is free again. */
  release(): Promise<unknown>
}

export class ProjectTabs {
  readonly #locks: Locks | undefined
  readonly #channel: TabChannel | undefined
  #open: Held | null = null
  #training: Held | null = null

  /** Without locks every tab is taken for the only one. */
  constructor(locks?: Locks, channel?: TabChannel) {
    this.#locks = locks
    this.#channel = channel
  }

  /** Holds the first free key of a project; gives up the one that was held before. */
  async claim(base: string): Promise<Claim> {
    if (!this.#open || baseKey(this.#open.key) !== base) {
      await this.leave()
      for (let number = 1; !this.#open; number++)
        this.#open = await this.#take(OPEN, number === 1 ? base : `${base}.${number}`)
      this.tell()
    }
    const { key } = this.#open
    return { key, isShared: key !== base }
  }

  /** Holds exactly this key, e.g. a cut-off run's. @returns false where another tab holds it. */
  async claimExactly(key: string): Promise<boolean> {
    if (this.#open?.key === key) return true
    const taken = await this.#take(OPEN, key)
    if (!taken) return false
    await this.leave()
    this.#open = taken
    this.tell()
    return true
  }

  async leave(): Promise<void> {
    const held = this.#open
    this.#open = null
    await held?.release()
    if (held) this.tell()
  }

  /** While a run goes on. */
  async startTraining(key: string): Promise<void> {
    this.#training ??= await this.#take(TRAINING, key)
    this.tell()
  }

  async endTraining(): Promise<void> {
    const held = this.#training
    this.#training = null
    await held?.release()
    if (held) this.tell()
  }

  /** Keys that other tabs have open, and those they train. */
  async elsewhere(): Promise<{ open: Set<string>; training: Set<string> }> {
    const held = (await this.#locks?.query().catch(() => null))?.held ?? []
    const keysOf = (prefix: string, own: string | undefined) => {
      const names = held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : []))
      return new Set(names.filter((key) => key !== own))
    }
    return { open: keysOf(OPEN, this.#open?.key), training: keysOf(TRAINING, this.#training?.key) }
  }

  /** Called when another tab opened or left a project, or began or ended a run. @returns how to stop listening */
  onChange(listener: () => void): () => void {
    this.#channel?.addEventListener('message', listener)
    return () => this.#channel?.removeEventListener('message', listener)
  }

  /** Makes the other tabs look. */
  tell(): void {
    this.#channel?.postMessage('changed')
  }

  /** Null where another tab holds it. */
  #take(kind: string, key: string): Promise<Held | null> {
    const locks = this.#locks
    const alone: Held = { key, release: async () => {} }
    if (!locks) return Promise.resolve(alone)
    return new Promise((resolve) => {
      const over = locks.request(kind + key, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(null)
          return
        }
        return new Promise<void>((free) => {
          const release = () => {
            free()
            return over
          }
          resolve({ key, release })
        })
      })
      // A window that may store nothing is refused locks, too: it shares nothing with other tabs.
      over.catch(() => resolve(alone))
    })
  }
}
