/** Which family computes each kind of convolution of each layer. */
import type { ConvolutionFamily, ConvolutionShape, DeviceTraits, Kind } from './kernels/convolution.ts'

/** The part of a family that computes one kind. */
type Of<K extends Kind> = NonNullable<ConvolutionFamily[K]>

/** A layer's name is that of its convolution (`layer1.0.conv1`), or `fc`. */
export interface KernelChoice {
  /** The same id sums in the same order, in every run on every device that can run it. */
  id: string
  of<K extends Kind>(kind: K, layer: string, shape: ConvolutionShape): Of<K>
}

/** One family wherever it suits; elsewhere `fallback`, which suits everywhere. */
export function uniformChoice(
  family: ConvolutionFamily,
  fallback: ConvolutionFamily,
  traits: DeviceTraits,
): KernelChoice {
  return {
    id: family.id,
    of: (kind, _layer, shape) => {
      const own = family[kind]
      const chosen = own?.suits(shape, traits) ? own : fallback[kind]
      if (!chosen) throw new Error(`${fallback.id} has no ${kind}`)
      return chosen
    },
  }
}
