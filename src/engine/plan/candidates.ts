/** The convolution families that there are, and the fixed choice of a device. */
import { type KernelChoice, uniformChoice } from './choice.ts'
import type { ConvolutionFamily, DeviceTraits } from './kernels/convolution.ts'
import { registers } from './kernels/convolution-registers.ts'
import { workgroup } from './kernels/convolution-workgroup.ts'

/** The first suits every layer on every device. */
export const FAMILIES: readonly ConvolutionFamily[] = [registers, workgroup]

/**
 * A device's kernels: in registers where its adapter is a software one, in workgroup memory on a GPU. `kernels`, an
 * id from a recipe's `resolved`, overrides.
 * @throws where the id is not one of ours.
 */
export function chooseKernels(traits: DeviceTraits, kernels?: string): KernelChoice {
  const family =
    kernels === undefined
      ? traits.software
        ? registers
        : workgroup
      : FAMILIES.find(({ id }) => id === kernels)
  if (!family)
    throw new Error(`There are no kernels "${kernels}" here: ${FAMILIES.map(({ id }) => id).join(', ')}`)
  return uniformChoice(family, registers, traits)
}
