/** The compiled loops of assembly/pixels/ and their memory. */
import { MODULE } from './module.ts'

type Name = 'horizontal' | 'vertical' | 'upsample' | 'toRgbx'

const memory = new WebAssembly.Memory({ initial: 16 })

function instantiate(): Readonly<Record<Name, (...numbers: number[]) => void>> {
  const bytes = Uint8Array.from(atob(MODULE), (digit) => digit.charCodeAt(0))
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  const named = (name: Name) => {
    const loop = exports[name]
    if (typeof loop !== 'function') throw new Error(`the module has no ${name}`)
    return (...numbers: number[]) => void loop(...numbers)
  }
  return {
    horizontal: named('horizontal'),
    vertical: named('vertical'),
    upsample: named('upsample'),
    toRgbx: named('toRgbx'),
  }
}

/** See assembly/pixels/ for what each takes. */
export const loops = instantiate()

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
  const missing = end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
  return { at, bytes: new Uint8Array(memory.buffer) }
}

/** Copies int32s to an address, which must be a multiple of 4. */
export function putInts(values: Int32Array, at: number): void {
  new Int32Array(memory.buffer, at, values.length).set(values)
}
