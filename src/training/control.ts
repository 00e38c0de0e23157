/** Pause, go on, stop and lock while a run goes: asked for at any time, obeyed between steps. */
import { type FreezePlan, type LockableStage, normalizeFreezePlan } from '../model/index.ts'

/**
 * Lets messages in: an awaited promise alone does not, and a step on wasm keeps the worker busy. A MessageChannel
 * is not slowed down in background tabs, as timers are.
 */
export function letMessagesIn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

export class RunControl {
  #stopped = false
  #paused: { until: Promise<void>; end: () => void; since: number } | null = null
  #pausedMs = 0
  #locked: FreezePlan | null = null

  get stopped(): boolean {
    return this.#stopped
  }

  get paused(): boolean {
    return this.#paused !== null
  }

  /** Time spent paused so far, which no rate and no epoch's time counts. */
  get pausedMs(): number {
    return this.#pausedMs + (this.#paused ? performance.now() - this.#paused.since : 0)
  }

  pause(): void {
    if (this.#paused || this.#stopped) return
    let end = () => {}
    const until = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#paused = { until, end, since: performance.now() }
  }

  resume(): void {
    const paused = this.#paused
    if (!paused) return
    this.#pausedMs = this.pausedMs
    this.#paused = null
    paused.end()
  }

  /** Also ends a pause. */
  stop(): void {
    this.#stopped = true
    this.resume()
  }

  setLocked(locked: Iterable<LockableStage>): void {
    this.#locked = normalizeFreezePlan(locked)
  }

  /** The plan asked for since the last call, if any. */
  takeLocked(): FreezePlan | null {
    const locked = this.#locked
    this.#locked = null
    return locked
  }

  /** Resolves when not paused. */
  async unpaused(): Promise<void> {
    while (this.#paused) await this.#paused.until
  }
}
