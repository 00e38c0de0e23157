/**
 * The way back through the network: what a layer notes on the way forward, which activations live until then, and the
 * gradients of those that more than one layer uses. The same for tensors and for their count (counted-layers.ts).
 */

export interface TensorMemory<T> {
  /** Until it is disposed of, whatever scope ends before. */
  keep(tensor: T): void
  dispose(tensor: T): void
  /** sum += values */
  addInto(sum: T, values: T): void
}

/** Adds to the gradient at `key`; takes `gradient` over. */
export function addGradient<K, T>(memory: TensorMemory<T>, sums: Map<K, T>, key: K, gradient: T): void {
  const sum = sums.get(key)
  if (sum === undefined) {
    memory.keep(gradient)
    sums.set(key, gradient)
  } else {
    memory.addInto(sum, gradient)
    memory.dispose(gradient)
  }
}

export class Tape<T> {
  readonly #memory: TensorMemory<T>
  readonly #notes: (() => void)[] = []
  /** Activations that `backward` needs. */
  readonly #held = new Set<T>()
  /** Activations that depend on something that trains. */
  readonly #differentiable = new Set<T>()
  readonly #gradients = new Map<T, T>()

  constructor(memory: TensorMemory<T>) {
    this.#memory = memory
  }

  /** Whether anything before `y` trains. */
  isDifferentiable(y: T): boolean {
    return this.#differentiable.has(y)
  }

  isHeld(x: T): boolean {
    return this.#held.has(x)
  }

  /** Notes a way back where it is needed: `saved` lives until it has been gone. `goBack` owns the gradient it is given. */
  note(inputs: readonly T[], y: T, saved: readonly T[], goBack: (dy: T) => void, trains = false): void {
    if (!trains && !inputs.some((input) => this.#differentiable.has(input))) return
    this.#differentiable.add(y)
    for (const tensor of saved) {
      this.#memory.keep(tensor)
      this.#held.add(tensor)
    }
    this.#notes.push(() => {
      const dy = this.#gradients.get(y)
      if (!dy) throw new Error('a layer has no gradient: nothing after it uses it')
      this.#gradients.delete(y)
      goBack(dy)
      this.free(y)
    })
  }

  /** Adds to an activation's gradient; takes `gradient` over. */
  give(x: T, gradient: T): void {
    addGradient(this.#memory, this.#gradients, x, gradient)
  }

  /** Where something before it trains, `dy` is the shortcut's gradient too; takes it over. */
  giveShortcut(shortcut: T | undefined, dy: T): void {
    if (shortcut !== undefined && this.#differentiable.has(shortcut)) this.give(shortcut, dy)
    else this.#memory.dispose(dy)
  }

  free(tensor: T): void {
    this.#memory.dispose(tensor)
    this.#held.delete(tensor)
  }

  /** Goes back from `y` with its gradient `dy` (taken over), and frees everything. */
  backward(y: T, dy: T): void {
    this.give(y, dy)
    for (const goBack of this.#notes.reverse()) goBack()
    this.#notes.length = 0
    this.dispose()
  }

  dispose(): void {
    for (const tensor of [...this.#held, ...this.#gradients.values()]) this.#memory.dispose(tensor)
    this.#held.clear()
    this.#gradients.clear()
    this.#differentiable.clear()
  }
}
