/**
 * The wasm engine's own kernels, in AssemblyScript: they work on the memory of TF.js's wasm backend, on pointers that
 * `src/engine/core/wasm/` passes. `npm run build:wasm` compiles them into `src/engine/core/wasm/module.ts`.
 */
export { channelSquares, channelSums, gradient, gradientSums, maskRelu, normalize } from './batch-norm'
export { finish } from './finish'
export { gemm, gemmPlanes } from './gemm'
export { adam, addInto, sgd } from './optimizer'
export { pack, packColumns, packTransposed } from './pack'
export { averagePoolGradient, maxPoolGradient } from './pooling'
export { addColumns, packRows } from './rows'
export { gather, scatter } from './windows'
export {
  filterFactor,
  filterGradient,
  inputFactor,
  inputGradient,
  output,
  outputFactor,
  turnedFilterFactor,
} from './winograd'
export { smallFilterFactor, smallInputFactor, smallOutput } from './winograd-small'
