import { expect, test } from 'vitest'
import { candidates, choiceFromTable, chooseKernels, FAMILIES } from './candidates.ts'
import { choiceOf, type FamilyTable } from './choice.ts'
import { type ConvolutionFamily, KINDS, type Kind } from './kernels/convolution.ts'
import type { DeviceTraits } from './kernels/kernel.ts'
import { groupShape, isComputed, LAYER_GROUPS } from './layer-groups.ts'

const GPU: DeviceTraits = {
  software: false,
  subgroupSize: 32,
  f16: true,
  workgroupStorage: 32768,
  invocations: 256,
}
const SOFTWARE: DeviceTraits = {
  ...GPU,
  software: true,
  subgroupSize: null,
  f16: false,
  workgroupStorage: 16384,
}

/** Suits every layer on every device. */
const plain = FAMILIES.find(({ id }) => id === 'registers')!

/** A table whose families take turns among those that suit every shape. */
function mixed(traits: DeviceTraits): FamilyTable {
  let turn = 0
  const list = (kind: Kind) =>
    LAYER_GROUPS.map((group) => {
      if (!isComputed(group, kind)) return null
      const suited = candidates(traits, 'float32').filter((family) =>
        family[kind]?.suits(groupShape(group, 1, 64, 8), traits),
      )
      return suited[turn++ % suited.length]
    })
  return {
    forward: list('forward'),
    inputGradient: list('inputGradient'),
    filterGradient: list('filterGradient'),
  }
}

test('an id gives the whole choice back, layer by layer and kind by kind', () => {
  const table = mixed(GPU)
  const choice = choiceFromTable(table, GPU)
  const read = chooseKernels(GPU, choice.id)
  expect(read.id).toBe(choice.id)
  for (const kind of KINDS)
    LAYER_GROUPS.forEach((group, i) => {
      const family = table[kind][i]
      if (!family) return
      for (const layer of group.layers)
        expect(read.of(kind, layer, groupShape(group, 4, 96, 8)), `${kind} of ${layer}`).toBe(family[kind])
    })
})

test('the id of one family forces it wherever it suits', () => {
  for (const family of FAMILIES) {
    const choice = chooseKernels(GPU, family.id)
    expect(choice.id).toBe(family.id)
    for (const group of LAYER_GROUPS) {
      const shape = groupShape(group, 2, 64, 104)
      const own = family.forward?.suits(shape, GPU) ? family.forward : plain.forward
      expect(choice.of('forward', group.name, shape)).toBe(own)
    }
  }
})

test('a choice without measuring exists for every device, and its id reads back', () => {
  for (const traits of [GPU, SOFTWARE]) {
    const choice = chooseKernels(traits)
    expect(chooseKernels(traits, choice.id).id).toBe(choice.id)
  }
})

test('an id of other kernels, or one that is cut short, is refused in words', () => {
  const { id } = choiceFromTable(mixed(GPU), GPU)
  expect(() => chooseKernels(GPU, 'unheard-of')).toThrow('"unheard-of"')
  expect(() => chooseKernels(GPU, id.slice(0, -1))).toThrow('names no kernels')
  expect(() => chooseKernels(GPU, `${id.split(':')[0]}:`)).toThrow('names no kernels for conv1')
  expect(() => chooseKernels(GPU, id.replace(/^[^,:]*/, 'gone'))).toThrow('"gone"')
})

test('an id of kernels that this device cannot run is refused in words', () => {
  const wide: ConvolutionFamily = {
    id: 'wide',
    forward: { suits: (_shape, traits) => traits.subgroupSize === 32, lower: () => undefined },
  }
  const all = LAYER_GROUPS.map(() => plain)
  const forward = LAYER_GROUPS.map((_, i) => (i === 3 ? wide : plain))
  const { id } = choiceFromTable(
    { forward, inputGradient: [null, ...all.slice(1)], filterGradient: all },
    GPU,
  )
  const families = [...FAMILIES, wide]
  expect(choiceOf(id, families, plain, GPU).id).toBe(id)
  expect(() => choiceOf(id, families, plain, SOFTWARE)).toThrow(
    'do not compute layer2.0.conv2 on this device',
  )
})
