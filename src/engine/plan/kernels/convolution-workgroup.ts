/**
 * Convolutions with tiles in workgroup memory, for GPUs, in several tilings: large tiles read global memory least and
 * need many rows and columns to fill a GPU; small ones are for small maps.
 */

import type { ConvolutionFamily, ConvolutionShape } from './convolution.ts'
import { lowerFilterGradient } from './convolution-workgroup-filter.ts'
import { lowerGather } from './convolution-workgroup-gather.ts'
import { addTurned, epilogueOutput, gradientOutput, turnedChannels } from './convolution-workgroup-splits.ts'
import {
  FLOAT32,
  fits,
  NARROW,
  type Numbers,
  TILE_32,
  TILE_32_64,
  TILE_64,
  TILE_128,
  TILE_128_64,
  type Tiling,
  tilingId,
} from './convolution-workgroup-tiling.ts'
import { winogradFamily } from './convolution-workgroup-winograd.ts'
import type { DeviceTraits } from './kernel.ts'

/** A family that sums in these tiles, in these numbers. */
export function tiledFamily(tiling: Tiling, numbers: Numbers): ConvolutionFamily {
  const suits =
    (columns: (shape: ConvolutionShape) => number) => (s: ConvolutionShape, traits: DeviceTraits) =>
      fits(tiling, numbers, traits) && tiling.columns <= Math.max(NARROW, columns(s))
  return {
    id: `workgroup-${tilingId(tiling)}${numbers.id}`,

    forward: {
      suits: suits(({ outChannels }) => outChannels),
      lower(builder, shape, epilogue, { x, w, scale, shift, added, y }) {
        lowerGather(builder, tiling, numbers, {
          direction: 'forward',
          shape,
          source: x,
          filter: w,
          columns: { first: 0, count: shape.outChannels },
          output: epilogueOutput(epilogue),
          parts: [scale, shift, added, y].filter((part) => part !== undefined),
        })
      },
    },

    inputGradient: {
      suits: suits(({ inChannels }) => inChannels),
      lower(builder, shape, accumulate, { dy, w, dx }) {
        const { inChannels, outChannels } = shape
        const sizes = { taps: shape.kernel ** 2, inChannels, outChannels }
        const channels = turnedChannels(w.size, inChannels)
        for (let first = 0; first < inChannels; first += channels)
          lowerGather(builder, tiling, numbers, {
            direction: 'input-gradient',
            shape,
            source: dy,
            filter: addTurned(builder, w, sizes, first, channels),
            columns: { first, count: channels },
            output: gradientOutput(accumulate),
            parts: [dx],
          })
      },
    },

    filterGradient: {
      suits: suits(({ outChannels }) => outChannels),
      lower: (builder, shape, operands) => lowerFilterGradient(builder, tiling, numbers, shape, operands),
    },
  }
}

/** The one that is expected to be the fastest where nothing was measured comes first. */
export const WORKGROUP_FAMILIES: readonly ConvolutionFamily[] = [
  ...[TILE_64, TILE_128_64, TILE_128, TILE_32_64, TILE_32].map((tiling) => tiledFamily(tiling, FLOAT32)),
  winogradFamily(TILE_64),
  winogradFamily(TILE_128),
]
