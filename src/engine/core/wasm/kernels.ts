/** The compiled kernels of assembly/ on the memory of TF.js's backend. Arguments are pointers, counts and switches. */
import { EngineUnavailable } from '../../errors.ts'
import { MODULE as FUSED_MODULE } from './fused-module.ts'
import { MODULE } from './module.ts'

/**
 * Ids of the two ways in which products are summed: rounded once for a product and its addition (fused multiply-add,
 * WebAssembly's relaxed SIMD), or twice. Fastest first.
 */
export const KERNEL_IDS = ['fma-1', 'simd-2'] as const
export type KernelId = (typeof KERNEL_IDS)[number]

type Name =
  | 'adam'
  | 'addColumns'
  | 'addInto'
  | 'averagePoolGradient'
  | 'channelSquares'
  | 'channelSums'
  | 'filterFactor'
  | 'filterGradient'
  | 'finish'
  | 'gather'
  | 'gemm'
  | 'gemmPlanes'
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
  | 'packRows'
  | 'packTransposed'
  | 'scatter'
  | 'sgd'
  | 'smallFilterFactor'
  | 'smallInputFactor'
  | 'smallOutput'
  | 'turnedFilterFactor'

/** Those that give a number give a check: 0 where all that was written is finite. */
export type Kernels = Readonly<Record<Name, (...args: number[]) => number>>

/** One instance a memory and id. */
const instances = new WeakMap<WebAssembly.Memory, Map<KernelId, Kernels>>()

/** @throws EngineUnavailable where WebAssembly has no SIMD */
export function kernelsOn(memory: WebAssembly.Memory, id: KernelId): Kernels {
  const held = instances.get(memory) ?? new Map<KernelId, Kernels>()
  instances.set(memory, held)
  const kernels = held.get(id) ?? instantiate(memory, id)
  held.set(id, kernels)
  return kernels
}

/**
 * The kernels that run here: those of an earlier run where they can, else the fastest.
 *
 * @param asked id of an engine, which begins with one of these
 */
export function kernelsHere(asked = ''): KernelId {
  const wanted = KERNEL_IDS.find((id) => asked === id || asked.startsWith(`${id}-`))
  if (wanted === 'simd-2') return wanted
  fusesHere ??= fuses()
  return fusesHere ? 'fma-1' : 'simd-2'
}

let fusesHere: boolean | null = null

/** Whether WebAssembly has relaxed SIMD here and the processor a fused multiply-add. */
function fuses(): boolean {
  const bytes = bytesOf(FUSED_MODULE)
  if (!WebAssembly.validate(bytes)) return false
  const { multiplyAddOnce } = functionsOf(bytes, new WebAssembly.Memory({ initial: 1 }))
  // (1 + 2^-12)^2 is 1 + 2^-11 + 2^-24: rounded before the addition, its last part is lost.
  const factor = 1 + 2 ** -12
  return multiplyAddOnce?.(-1 - 2 ** -11, factor, factor) === 2 ** -24
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

function functionsOf(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  const functions: Record<string, Kernels[Name]> = {}
  for (const [name, exported] of Object.entries(exports))
    if (typeof exported === 'function') functions[name] = (...args) => Number(exported(...args))
  return functions
}

function instantiate(memory: WebAssembly.Memory, id: KernelId): Kernels {
  const bytes = bytesOf(MODULE)
  if (!WebAssembly.validate(bytes)) throw new EngineUnavailable("this browser's WebAssembly has no SIMD")
  const functions = functionsOf(bytes, memory)
  if (id === 'fma-1') Object.assign(functions, functionsOf(bytesOf(FUSED_MODULE), memory))
  const named = (name: Name) => {
    const kernel = functions[name]
    if (!kernel) throw new Error(`the module has no ${name}`)
    return kernel
  }
  return {
    adam: named('adam'),
    addColumns: named('addColumns'),
    addInto: named('addInto'),
    averagePoolGradient: named('averagePoolGradient'),
    channelSquares: named('channelSquares'),
    channelSums: named('channelSums'),
    filterFactor: named('filterFactor'),
    filterGradient: named('filterGradient'),
    finish: named('finish'),
    gather: named('gather'),
    gemm: named('gemm'),
    gemmPlanes: named('gemmPlanes'),
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
    packRows: named('packRows'),
    packTransposed: named('packTransposed'),
    scatter: named('scatter'),
    sgd: named('sgd'),
    smallFilterFactor: named('smallFilterFactor'),
    smallInputFactor: named('smallInputFactor'),
    smallOutput: named('smallOutput'),
    turnedFilterFactor: named('turnedFilterFactor'),
  }
}
