/** The convolution families that there are, and in which order they are expected to be fast. */
import { choiceOf, type FamilyTable, type KernelChoice, listedChoice, runs } from './choice.ts'
import type { ConvolutionFamily, Kind } from './kernels/convolution.ts'
import { F16_FAMILIES } from './kernels/convolution-f16.ts'
import { quads16x32 } from './kernels/convolution-quads.ts'
import { quadsWinograd } from './kernels/convolution-quads-winograd.ts'
import { registers } from './kernels/convolution-registers.ts'
import { WORKGROUP_FAMILIES } from './kernels/convolution-workgroup.ts'
import type { DeviceTraits } from './kernels/kernel.ts'
import { isComputed, LAYER_GROUPS } from './layer-groups.ts'

/** Half precision rounds what is stored (and multiplied) to 11 bits; it is used only where a recipe asks for it. */
export type Precision = 'float32' | 'float16'

/**
 * Expected to be fast first; measured in this order, and the first that suits is taken without measuring. A software
 * adapter takes a second to compile one tile in workgroup memory, and then runs it at half the speed; where Winograd suits
 * it computes all three kinds in half the time of the others.
 */
const SOFTWARE_ORDER: readonly ConvolutionFamily[] = [quadsWinograd, quads16x32, registers]
const GPU_ORDER: readonly ConvolutionFamily[] = [...F16_FAMILIES, ...WORKGROUP_FAMILIES, registers]

export const FAMILIES: readonly ConvolutionFamily[] = [...new Set([...SOFTWARE_ORDER, ...GPU_ORDER])]

/** Suits every layer on every device. */
const FALLBACK = registers

/** What is worth measuring of the families that take a shape: the fallback only where it is the only one. */
export const worthMeasuring = (families: readonly ConvolutionFamily[]): readonly ConvolutionFamily[] => {
  const others = families.filter((family) => family !== FALLBACK)
  return others.length > 0 ? others : families
}

/** Families that may be chosen on a device, the one that is expected to be fastest first. */
export function candidates(traits: DeviceTraits, precision: Precision): ConvolutionFamily[] {
  const order = traits.software ? SOFTWARE_ORDER : GPU_ORDER
  return order.filter(({ float16 }) => !float16 || (traits.f16 && precision === 'float16'))
}

/** Those of `families` that compute a kind of each group here. */
export const runningHere = (
  families: readonly ConvolutionFamily[],
  kind: Kind,
  traits: DeviceTraits,
): ConvolutionFamily[][] =>
  LAYER_GROUPS.map((group) =>
    isComputed(group, kind) ? families.filter((family) => runs(family, kind, group, traits)) : [],
  )

export const choiceFromTable = (table: FamilyTable, traits: DeviceTraits): KernelChoice =>
  listedChoice(table, FALLBACK, traits)

/**
 * A device's kernels without measuring: for each layer and kind the first that suits. `kernels`, an id from a recipe's
 * `resolved`, overrides.
 * @throws where the id names what is not there or does not run here.
 */
export function chooseKernels(
  traits: DeviceTraits,
  kernels?: string,
  precision: Precision = 'float32',
): KernelChoice {
  if (kernels !== undefined) return choiceOf(kernels, FAMILIES, FALLBACK, traits)
  const families = candidates(traits, precision)
  const first = (kind: Kind) => runningHere(families, kind, traits).map((suited) => suited[0] ?? null)
  const table = { forward: first('forward'), inputGradient: first('inputGradient') }
  return choiceFromTable({ ...table, filterGradient: first('filterGradient') }, traits)
}
