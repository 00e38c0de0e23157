/** Matrix products that stay in a core's own cache: what the machine's cores give together, whatever an engine does. */
import { kernelsHere, kernelsOn } from '../src/engine/core/wasm/kernels.ts'

const FLOAT = 4
const [ROWS, DEPTH, COLUMNS] = [64, 128, 64]
/** Products a call: about 0.1 s. */
const TURNS = 4000

const kernels = kernelsOn(new WebAssembly.Memory({ initial: 2 }), kernelsHere())

/** Takes a core for some time, always for the same work. */
export function multiplyInCache(): void {
  const [a, b] = [ROWS * DEPTH * FLOAT, DEPTH * COLUMNS * FLOAT]
  for (let turn = 0; turn < TURNS; turn++)
    kernels.gemm(ROWS, COLUMNS, DEPTH, 0, DEPTH * FLOAT, FLOAT, a, a + b, COLUMNS * FLOAT, 0)
}
