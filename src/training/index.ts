/**
 * Training: the loop, its schedules and batches, checkpoints, and the trainer worker that runs them.
 * May import `augment`, `dataset`'s types, `evaluation`, `engine`, `weights`, `recipe`, `model`, `random` and
 * `requests`. Gives the page `TrainerClient` and what it says; `train.ts` is the place to start reading.
 */
export { checkpointFolder, POINTER_FILE } from './checkpoint-store.ts'
export type * from './events.ts'
export type * from './trainer-api.ts'
export { TrainerClient, type TrainerClientOptions } from './trainer-client.ts'
