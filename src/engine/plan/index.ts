/**
 * The static plan: `TrainStep` on a `GPUDevice` with WGSL kernels of our own. Buffers are laid out once for a batch
 * shape, bind groups and pipelines made once; there is no tape. Knows no page and no worker: runs in a browser and, on
 * Dawn, in Node. Imports `model` and the engine's interface only. Gives `createPlan` and `openDevice`.
 */
export { chooseKernels, FAMILIES, type Precision } from './candidates.ts'
export { deviceTraits, type OpenDevice, openDevice } from './device.ts'
export { type OpenPlanOptions, openPlan } from './open.ts'
export { createPlan, type PlanOptions } from './plan.ts'
