/**
 * The engine: one interface (`TrainStep`), two implementations: `plan/` (WebGPU, kernels of our own) and `core/`
 * (plain tf-core, on wasm in the page). May import `model` and `random`; TF.js appears only here.
 */
export * from './create.ts'
export * from './errors.ts'
export * from './probe.ts'
export * from './train-step.ts'
