/** The assembled loops and their memory. */
import { z } from 'zod'
import { PIXELS_WASM } from './binary.ts'

const loop = z.custom<(...numbers: number[]) => void>((value) => typeof value === 'function')

const module = new WebAssembly.Module(Uint8Array.from(atob(PIXELS_WASM), (digit) => digit.charCodeAt(0)))

/** See pixels.wat for what each takes. */
export const loops = z
  .object({
    memory: z.instanceof(WebAssembly.Memory),
    horizontal: loop,
    vertical: loop,
    upsample: loop,
    toRgbx: loop,
  })
  .parse(new WebAssembly.Instance(module).exports)

const PAGE = 65536
/** Bytes between two parts: the loops read and write a little beyond what they are given. */
const SLACK = 64

/** Addresses of parts of so many bytes, one after the other from the memory's start, and the memory, large enough. */
export function layOut<N extends number[]>(...sizes: N): { at: N; bytes: Uint8Array } {
  let end = SLACK
  const at = sizes.map((size) => {
    const start = end
    end = (start + size + 2 * SLACK) & -SLACK
    return start
  }) as N
  const missing = end - loops.memory.buffer.byteLength
  if (missing > 0) loops.memory.grow(Math.ceil(missing / PAGE))
  return { at, bytes: new Uint8Array(loops.memory.buffer) }
}

/** Copies int32s to an address, which must be a multiple of 4. */
export function putInts(values: Int32Array, at: number): void {
  new Int32Array(loops.memory.buffer, at, values.length).set(values)
}
