/** How much memory a training step takes, from the recipe alone. Bytes. */
import { activationBytesPerPhoto } from '../engine/core/memory.ts'
import {
  type FreezePlan,
  featureSides,
  frozenPrefix,
  LOCKABLE_STAGES,
  trainedParameters,
} from '../model/index.ts'
import type { OptimizerRecipe } from '../recipe/index.ts'

export interface StepShape {
  /** Side of a photo in px. */
  size: number
  /** Photos of a step. */
  batch: number
  locked: FreezePlan
  classes: number
  optimizer: OptimizerRecipe['kind']
}

export interface StepMemory {
  bytes: number
  /** Photos that are computed at a time where the whole batch does not fit; else null. */
  portion: number | null
}

/** What the engines allow themselves: wasm's heap ends at 4 GB, and freed memory leaves gaps. */
const BUDGET = { wasm: 3e9, webgpu: 4 * 2 ** 30 } as const

/** An estimate: within a fifth of what the engines count for themselves. */
export function stepMemory(shape: StepShape, engine: 'wasm' | 'webgpu'): StepMemory {
  const standing = engine === 'wasm' ? wasmStanding(shape) : planStanding(shape)
  const photo = engine === 'wasm' ? wasmPhoto(shape) : planPhoto(shape)
  const whole = standing + shape.batch * photo
  if (whole <= BUDGET[engine]) return { bytes: whole, portion: null }
  let parts = 2
  const portion = () => Math.ceil(shape.batch / parts)
  while (portion() > 1 && standing + portion() * photo > BUDGET[engine]) parts++
  return { bytes: standing + portion() * photo, portion: portion() }
}

/** XNNPACK keeps a packed copy of each filter, and classifying a folded and packed one; then two moments. */
function wasmStanding({ locked, classes }: StepShape): number {
  const { trained, total } = trainedParameters(locked, classes)
  return 4 * (4 * total + 2 * trained)
}

function wasmPhoto({ size, locked }: StepShape): number {
  const { saved, transient } = activationBytesPerPhoto(size, frozenPrefix(locked))
  return saved + transient
}

/** Parameters; gradients and moments from the first trained stage on. */
function planStanding({ locked, classes, optimizer }: StepShape): number {
  const prefix = LOCKABLE_STAGES.slice(0, frozenPrefix(locked))
  const { trained, total } = trainedParameters(prefix, classes)
  return 4 * (total + trained * (optimizer === 'sgd' ? 2 : 3))
}

/** What is saved, and a handful of scratch buffers of the largest feature map that passes through them. */
function planPhoto({ size, locked }: StepShape): number {
  const from = frozenPrefix(locked)
  const { stem, layer1 } = featureSides(size)
  const largest = 4 * 64 * stem ** 2
  const scratch = from === 0 ? 2 * largest : largest + 2 * 4 * 64 * layer1 ** 2
  const { saved } = activationBytesPerPhoto(size, from)
  return saved + scratch
}
