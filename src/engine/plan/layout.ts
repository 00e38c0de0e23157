/**
 * How parameters and statistics lie on the GPU, and back to PyTorch's layouts.
 *
 * Parameters are packed in the state dict's order, each from a multiple of 64 floats on: convolutions as HWIO (the
 * stem's three input channels padded to four), `fc.weight` as [512, classes], classes padded to a multiple of four.
 * Paddings are zero, get zero gradients and so stay zero. Running statistics are packed by channel: all means in one
 * buffer, all variances in another.
 */
import {
  CONVOLUTIONS,
  type EntrySpec,
  elements,
  FEATURES,
  parameterEntries,
  type Stage,
} from '../../model/index.ts'
import { BLOCK } from './kernels/optimizer.ts'

export interface PackedParameter {
  name: string
  stage: Stage
  /** PyTorch's shape. */
  shape: readonly number[]
  /** In floats. */
  offset: number
  /** Floats that it takes, padding included. */
  size: number
}

export interface PackedLayout {
  classes: number
  /** Classes padded to a multiple of four: the width of logits on the GPU. */
  columns: number
  parameters: readonly PackedParameter[]
  /** By name. */
  at: ReadonlyMap<string, PackedParameter>
  /** Floats in all, a multiple of the block. */
  total: number
  /** First channel of each batch norm in the packed statistics. */
  channel: ReadonlyMap<string, number>
  /** Channels of all batch norms. */
  channels: number
}

const ceilTo = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple

function packedSize(entry: EntrySpec): number {
  const padded =
    entry.stage === 'fc'
      ? [ceilTo(entry.shape[0], 4), ...entry.shape.slice(1)]
      : entry.shape.map((n, axis) => (entry.shape.length === 4 && axis === 1 ? ceilTo(n, 4) : n))
  return elements(padded)
}

export function packedLayout(classes: number): PackedLayout {
  const parameters: PackedParameter[] = []
  let total = 0
  for (const entry of parameterEntries(classes)) {
    const size = packedSize(entry)
    parameters.push({ name: entry.name, stage: entry.stage, shape: entry.shape, offset: total, size })
    total += ceilTo(size, BLOCK)
  }
  const channel = new Map<string, number>()
  let channels = 0
  for (const { batchNorm, outChannels } of CONVOLUTIONS) {
    channel.set(batchNorm, channels)
    channels += outChannels
  }
  const at = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  return { classes, columns: ceilTo(classes, 4), parameters, at, total, channel, channels }
}

/** For each value in PyTorch's order, calls `visit` with its place in the packed form (both count from 0). */
function eachPlace({ shape }: PackedParameter, visit: (place: number, index: number) => void): void {
  if (shape.length === 4) {
    const [outputs, inputs, height, width] = shape
    const padded = ceilTo(inputs, 4)
    let index = 0
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++)
        for (let tap = 0; tap < height * width; tap++) visit((tap * padded + i) * outputs + o, index++)
  } else if (shape.length === 2) {
    const [classes] = shape
    const columns = ceilTo(classes, 4)
    let index = 0
    for (let c = 0; c < classes; c++)
      for (let feature = 0; feature < FEATURES; feature++) visit(feature * columns + c, index++)
  } else for (let i = 0; i < shape[0]; i++) visit(i, i)
}

/** PyTorch's values -> packed, written into `target` (of `parameter.size` floats). */
export function pack(parameter: PackedParameter, values: Float32Array, target: Float32Array): void {
  eachPlace(parameter, (place, index) => {
    target[place] = values[index]
  })
}

/** Packed -> PyTorch's order. */
export function unpack(parameter: PackedParameter, packed: Float32Array): Float32Array {
  const values = new Float32Array(elements(parameter.shape))
  eachPlace(parameter, (place, index) => {
    values[index] = packed[place]
  })
  return values
}
