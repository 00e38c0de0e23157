/** How an engine says that it cannot go on, so that the trainer can tell what to do. */

/**
 * `device-lost`: open a new engine and go on from the last checkpoint. `out-of-memory`: the same with a smaller
 * micro-batch. `dead`: the wasm instance aborted, only a new worker helps.
 */
export type EngineFailure = 'device-lost' | 'out-of-memory' | 'dead'

/** An engine that was asked for by name cannot run in this browser. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable'
}

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly kind: EngineFailure

  constructor(kind: EngineFailure, message: string) {
    super(message)
    this.kind = kind
  }
}
