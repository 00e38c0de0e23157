/**
 * Which family computes each kind of convolution of each layer, and its id as text: a run, its checkpoints and its
 * repetitions carry the id, and any device that has the families reads the whole choice back from it.
 *
 * `registers` is one family wherever it suits. `registers,winograd:abbb.-abb.aaab` names families and then gives each
 * group of layers a letter (a: the first named), forward, input gradient and filter gradient; `-` is never computed.
 */

import { type ConvolutionFamily, type ConvolutionShape, KINDS, type Kind } from './kernels/convolution.ts'
import type { DeviceTraits } from './kernels/kernel.ts'
import { groupIndex, groupShape, isComputed, LAYER_GROUPS, type LayerGroup } from './layer-groups.ts'

/** The part of a family that computes one kind. */
type Of<K extends Kind> = NonNullable<ConvolutionFamily[K]>

/** A layer's name is that of its convolution (`layer1.0.conv1`), or `fc`. */
export interface KernelChoice {
  /** The same id sums in the same order, in every run on every device that can run it. */
  id: string
  /** Of the device that it is for. */
  traits: DeviceTraits
  of<K extends Kind>(kind: K, layer: string, shape: ConvolutionShape): Of<K>
}

/** For each kind a family for each of `LAYER_GROUPS`; null: never computed. */
export type FamilyTable = Readonly<Record<Kind, readonly (ConvolutionFamily | null)[]>>

/** One family wherever it suits; elsewhere `fallback`, which suits everywhere. */
export function uniformChoice(
  family: ConvolutionFamily,
  fallback: ConvolutionFamily,
  traits: DeviceTraits,
): KernelChoice {
  return {
    id: family.id,
    traits,
    of: (kind, _layer, shape) => suited(family, kind, shape, traits) ?? partOf(fallback, kind),
  }
}

/** A family for each group and kind; `fallback` for a head whose classes the named one does not take. */
export function listedChoice(
  table: FamilyTable,
  fallback: ConvolutionFamily,
  traits: DeviceTraits,
): KernelChoice {
  return {
    id: tableId(table),
    traits,
    of: (kind, layer, shape) => {
      const family = table[kind][groupIndex(layer)]
      return (family && suited(family, kind, shape, traits)) ?? partOf(fallback, kind)
    },
  }
}

const letterOf = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index)

/** A table whose families are all the same has that family's id: the two choices are one. */
function tableId(table: FamilyTable): string {
  const lists = KINDS.map((kind) => table[kind])
  const ids = [...new Set(lists.flat().flatMap((family) => family?.id ?? []))].sort()
  if (ids.length === 1) return ids[0]
  const letter = (family: ConvolutionFamily | null) => (family ? letterOf(ids.indexOf(family.id)) : '-')
  return `${ids.join(',')}:${lists.map((list) => list.map(letter).join('')).join('.')}`
}

/**
 * Ids of the families that an id of a table names for each kind, by group; null: never computed. Null as a whole where
 * the id is one family's.
 * @throws where a layer has none.
 */
export function readTableId(id: string): Record<Kind, (string | null)[]> | null {
  const colon = id.indexOf(':')
  if (colon === -1) return null
  const byLetter = new Map(
    id
      .slice(0, colon)
      .split(',')
      .map((name, i) => [letterOf(i), name]),
  )
  const lists = id.slice(colon + 1).split('.')
  const named = (list: string | undefined, kind: Kind) =>
    LAYER_GROUPS.map((group, i) => {
      if (!isComputed(group, kind)) return null
      const name = byLetter.get(list?.[i] ?? '')
      if (name === undefined || list?.length !== LAYER_GROUPS.length)
        throw new Error(`"${id}" names no kernels for ${group.name}`)
      return name
    })
  return {
    forward: named(lists[0], 'forward'),
    inputGradient: named(lists[1], 'inputGradient'),
    filterGradient: named(lists[2], 'filterGradient'),
  }
}

/**
 * The choice that an id stands for.
 * @throws where it names a family that is not among `families` or that does not run here.
 */
export function choiceOf(
  id: string,
  families: readonly ConvolutionFamily[],
  fallback: ConvolutionFamily,
  traits: DeviceTraits,
): KernelChoice {
  const family = (name: string): ConvolutionFamily => {
    const found = families.find((one) => one.id === name)
    if (!found)
      throw new Error(`There are no kernels "${name}" here: ${families.map((one) => one.id).join(', ')}`)
    return found
  }
  const names = readTableId(id)
  if (!names) return uniformChoice(family(id), fallback, traits)
  const list = (kind: Kind) =>
    LAYER_GROUPS.map((group, i) => {
      const name = names[kind][i]
      if (name === null) return null
      const named = family(name)
      if (!runs(named, kind, group, traits))
        throw new Error(`The kernels "${name}" do not compute ${group.name} on this device`)
      return named
    })
  const table = { forward: list('forward'), inputGradient: list('inputGradient') }
  return listedChoice({ ...table, filterGradient: list('filterGradient') }, fallback, traits)
}

/** Padded numbers of classes: a family that takes none of them does not run on the device at all. */
const COLUMNS = [4, 8, 16, 64, 128, 1024]

/** Whether a family computes a kind of a group on a device, for some number of classes. */
export const runs = (
  family: ConvolutionFamily,
  kind: Kind,
  group: LayerGroup,
  traits: DeviceTraits,
): boolean =>
  COLUMNS.some((columns) => family[kind]?.suits(groupShape(group, 1, 64, columns), traits) ?? false)

function suited<K extends Kind>(
  family: ConvolutionFamily,
  kind: K,
  shape: ConvolutionShape,
  traits: DeviceTraits,
): Of<K> | undefined {
  const part = family[kind]
  return part?.suits(shape, traits) ? part : undefined
}

function partOf<K extends Kind>(family: ConvolutionFamily, kind: K): Of<K> {
  const part = family[kind]
  if (!part) throw new Error(`${family.id} has no ${kind}`)
  return part
}
