/** A worker beside whoever asks it, and what its death means for the calls that wait. Imports Comlink and nothing else. */
export * from './live-worker.ts'
