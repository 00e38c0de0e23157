/** The compiled kernels of assembly/ on the memory of TF.js's backend. Arguments are pointers, counts and switches. */
import { EngineUnavailable } from '../../errors.ts'
import { MODULE } from './module.ts'

type Name =
  | 'adam'
  | 'addInto'
  | 'averagePoolGradient'
  | 'channelSquares'
  | 'channelSums'
  | 'filterFactor'
  | 'filterGradient'
  | 'finish'
  | 'gather'
  | 'gemm'
  | 'gradient'
  | 'gradientSums'
  | 'inputFactor'
  | 'inputGradient'
  | 'maskRelu'
  | 'maxPoolGradient'
  | 'normalize'
  | 'output'
  | 'outputFactor'
  | 'pack'
  | 'packColumns'
  | 'packTransposed'
  | 'scatter'
  | 'sgd'
  | 'smallFilterFactor'
  | 'smallInputFactor'
  | 'smallOutput'

/** Those that give a number give a check: 0 where all that was written is finite. */
export type Kernels = Readonly<Record<Name, (...args: number[]) => number>>

/** One instance a memory. */
const instances = new WeakMap<WebAssembly.Memory, Kernels>()

/** @throws EngineUnavailable where WebAssembly has no SIMD */
export function kernelsOn(memory: WebAssembly.Memory): Kernels {
  const held = instances.get(memory)
  if (held) return held
  const bytes = Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0))
  if (!WebAssembly.validate(bytes)) throw new EngineUnavailable("this browser's WebAssembly has no SIMD")
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  const named = (name: Name) => {
    const kernel = exports[name]
    if (typeof kernel !== 'function') throw new Error(`the module has no ${name}`)
    return (...args: number[]) => Number(kernel(...args))
  }
  const kernels: Kernels = {
    adam: named('adam'),
    addInto: named('addInto'),
    averagePoolGradient: named('averagePoolGradient'),
    channelSquares: named('channelSquares'),
    channelSums: named('channelSums'),
    filterFactor: named('filterFactor'),
    filterGradient: named('filterGradient'),
    finish: named('finish'),
    gather: named('gather'),
    gemm: named('gemm'),
    gradient: named('gradient'),
    gradientSums: named('gradientSums'),
    inputFactor: named('inputFactor'),
    inputGradient: named('inputGradient'),
    maskRelu: named('maskRelu'),
    maxPoolGradient: named('maxPoolGradient'),
    normalize: named('normalize'),
    output: named('output'),
    outputFactor: named('outputFactor'),
    pack: named('pack'),
    packColumns: named('packColumns'),
    packTransposed: named('packTransposed'),
    scatter: named('scatter'),
    sgd: named('sgd'),
    smallFilterFactor: named('smallFilterFactor'),
    smallInputFactor: named('smallInputFactor'),
    smallOutput: named('smallOutput'),
  }
  instances.set(memory, kernels)
  return kernels
}
