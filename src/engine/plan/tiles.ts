/** The kernel choices that there are, and the fixed one of a device. */
import type { ConvolutionTiles } from './kernels/convolution.ts'
import { registerTiles } from './kernels/convolution-registers.ts'
import { workgroupTiles } from './kernels/convolution-workgroup.ts'

export const TILES = { registers: registerTiles, workgroup: workgroupTiles } as const

/**
 * The tiles of a device: in registers where its adapter is a software one (a fallback adapter, in WebGPU's words),
 * in workgroup memory on a GPU. `kernels`, an id from a recipe's `resolved`, overrides.
 * @throws where the id is not one of ours.
 */
export function chooseTiles(device: GPUDevice, kernels?: string): ConvolutionTiles {
  if (kernels === undefined) return device.adapterInfo.isFallbackAdapter ? registerTiles : workgroupTiles
  const named = Object.values(TILES).find(({ id }) => id === kernels)
  if (!named)
    throw new Error(
      `There are no kernels "${kernels}" here: ${Object.values(TILES)
        .map(({ id }) => id)
        .join(', ')}`,
    )
  return named
}
