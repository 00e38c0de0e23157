/**
 * More cores: several engines of one kind as one, the others in workers of their own. May import `model`,
 * `worker` and the engine's interface; the worker imports `core`. Gives `ParallelEngine` and `openPeer`.
 */
export * from './parallel-engine.ts'
export type { SharingEngine } from './sharing.ts'
export { openPeer } from './worker-peer.ts'
export { type Workers, workersHere } from './workers.ts'
