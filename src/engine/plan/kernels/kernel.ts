/**
 * A WGSL compute kernel as data. Storage buffers come first, then the operation's own constants (all u32, written
 * once when a program is laid out), then what changes with every step.
 */

export interface Binding {
  name: string
  access: 'read' | 'read_write'
  /** Element type of the array, e.g. `vec4<f32>`. */
  element: string
}

export interface Kernel {
  /** Names the WGSL text: pipelines are kept under it. */
  id: string
  bindings: readonly Binding[]
  /** Names of the u32 constants, in order. */
  constants: readonly string[]
  usesStep: boolean
  /** Device features that it needs. */
  features: readonly KernelFeature[]
  code: string
  /** Invocations of a workgroup: those of a linear kernel, or the product of its workgroup size. */
  workgroupSize: number
}

/** A WGSL extension, and the feature of a device that allows it. */
export type KernelFeature = 'f16' | 'subgroups'

/** What of a device decides which kernels it can run, and which it should. */
export interface DeviceTraits {
  /** A software adapter (a fallback adapter, in WebGPU's words). */
  software: boolean
  /** Lanes of a subgroup where the device has subgroups and all are of one size; else null. */
  subgroupSize: number | null
  f16: boolean
  /** Bytes of workgroup memory. */
  workgroupStorage: number
  /** Most invocations of a workgroup. */
  invocations: number
}

export interface KernelSource {
  id: string
  /** Name -> access and element type, e.g. `{ x: 'read vec4<f32>' }`; bound in this order. */
  bindings: Record<string, `${Binding['access']} ${string}`>
  constants: readonly string[]
  usesStep?: boolean
  /** Extensions that the body uses. */
  features?: readonly KernelFeature[]
  /** Invocations of a workgroup; a linear index `id` is given to `body`. A pair makes `local` and `group` instead. */
  workgroup: number | readonly [number, number]
  /** Declarations before the entry point. */
  head?: string
  body: string
}

/** Most workgroups in one dimension (WebGPU's default limit); longer dispatches are folded into y. */
export const MAX_GROUPS = 65535

/** What changes with every step. */
export interface StepConstants {
  /** 1 / photos of the whole batch; with class weights, 1 / what its labels weigh. */
  inverseBatch: number
  labelSmoothing: number
  /** How far running statistics move; 0 leaves them. */
  momentum: number
  /** Gradients are added to those of the micro-batch before. */
  accumulate: boolean
  weightDecay: number
  sgdMomentum: number
}

const STEP_STRUCT = `struct Step {
  inverse_batch: f32,
  label_smoothing: f32,
  momentum: f32,
  accumulate: u32,
  weight_decay: f32,
  sgd_momentum: f32,
}`
export const STEP_BYTES = 32

/** The bytes of `STEP_STRUCT`. */
export function stepBytes(constants: StepConstants): ArrayBuffer {
  const bytes = new ArrayBuffer(STEP_BYTES)
  const floats = new Float32Array(bytes)
  floats[0] = constants.inverseBatch
  floats[1] = constants.labelSmoothing
  floats[2] = constants.momentum
  new Uint32Array(bytes)[3] = constants.accumulate ? 1 : 0
  floats[4] = constants.weightDecay
  floats[5] = constants.sgdMomentum
  return bytes
}

/** Builds the WGSL text around a kernel's body: bindings, constants `u`, step constants `step`, ids. */
export function defineKernel(source: KernelSource): Kernel {
  const bindings = Object.entries(source.bindings).map(([name, text]): Binding => {
    const [access, ...element] = text.split(' ')
    return { name, access: access === 'read' ? 'read' : 'read_write', element: element.join(' ') }
  })
  const linear = typeof source.workgroup === 'number'
  const size = typeof source.workgroup === 'number' ? [source.workgroup] : source.workgroup
  const workgroupSize = size.reduce((a, b) => a * b, 1)
  const usesStep = source.usesStep ?? false
  const features = source.features ?? []
  const code = [
    ...features.map((feature) => `enable ${feature};`),
    ...bindings.map(
      ({ name, access, element }, i) =>
        `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${element}>;`,
    ),
    `struct Constants { ${source.constants.map((name) => `${name}: u32`).join(', ')} }`,
    `@group(0) @binding(${bindings.length}) var<uniform> u: Constants;`,
    ...(usesStep ? [STEP_STRUCT, `@group(0) @binding(${bindings.length + 1}) var<uniform> step: Step;`] : []),
    source.head ?? '',
    `@compute @workgroup_size(${size.join(', ')})`,
    `fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
      @builtin(local_invocation_id) local: vec3<u32>) {`,
    linear ? `  let id = (group.y * groups.x + group.x) * ${workgroupSize}u + local.x;` : '',
    source.body,
    '}',
  ].join('\n')
  return { id: source.id, bindings, constants: source.constants, usesStep, features, code, workgroupSize }
}

const variants = new Map<string, Kernel>()

/** A kernel that has variants: the text of each is built once. The id names the variant. */
export function kernelVariant(id: string, source: () => Omit<KernelSource, 'id'>): Kernel {
  let kernel = variants.get(id)
  if (!kernel) {
    kernel = defineKernel({ id, ...source() })
    variants.set(id, kernel)
  }
  return kernel
}

/** `groups` workgroups, folded into y where x would exceed the limit (a few more than asked for then). */
export function foldGroups(groups: number, z = 1): [number, number, number] {
  const y = Math.ceil(groups / MAX_GROUPS)
  return [Math.ceil(groups / y), y, z]
}

/** Workgroups for at least `invocations` of a linear kernel. */
export const linearGroups = (kernel: Kernel, invocations: number, z = 1): [number, number, number] =>
  foldGroups(Math.ceil(invocations / kernel.workgroupSize), z)

/** `count` lines or pieces of WGSL, one for each index. */
export const unroll = (count: number, piece: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => piece(i)).join(separator)
