import { describe, expect, it } from 'vitest'
import { parameterEntries } from '../../model/index.ts'
import { BLOCK } from './kernels/optimizer.ts'
import { pack, packedLayout, unpack } from './layout.ts'

describe('the packed layout', () => {
  for (const classes of [2, 5, 1000, 10_000])
    it(`of ${classes} classes aligns every parameter and lets none overlap`, () => {
      const { parameters, total } = packedLayout(classes)
      expect(parameters.map(({ name }) => name)).toEqual(parameterEntries(classes).map(({ name }) => name))
      let end = 0
      for (const { offset, size } of parameters) {
        expect(offset % BLOCK).toBe(0)
        expect(offset).toBeGreaterThanOrEqual(end)
        end = offset + size
      }
      expect(total).toBeGreaterThanOrEqual(end)
      expect(total % BLOCK).toBe(0)
    })

  it('of a thousand classes keeps every buffer below 128 MiB, the least that WebGPU grants a binding', () => {
    expect(4 * packedLayout(1000).total).toBeLessThan(128 * 2 ** 20)
    expect(4 * packedLayout(10_000).total).toBeLessThan(128 * 2 ** 20)
  })

  for (const name of ['conv1.weight', 'layer2.0.conv1.weight', 'layer1.0.bn1.bias', 'fc.weight', 'fc.bias'])
    it(`gives ${name} back as it was, with zeros in the padding`, () => {
      const parameter = packedLayout(7).at.get(name)!
      const count = parameter.shape.reduce((a, b) => a * b, 1)
      const values = Float32Array.from({ length: count }, (_, i) => i + 1)
      const packed = new Float32Array(parameter.size)
      pack(parameter, values, packed)
      expect(packed.filter((value) => value !== 0)).toHaveLength(count)
      expect(unpack(parameter, packed)).toEqual(values)
    })

  it('has convolutions as height, width, input, output and fc as feature, class', () => {
    const { at } = packedLayout(7)
    const convolution = at.get('layer2.0.conv1.weight')! // [128, 64, 3, 3]
    const values = new Float32Array(128 * 64 * 9)
    values[((5 * 64 + 6) * 3 + 1) * 3 + 2] = 1
    const packed = new Float32Array(convolution.size)
    pack(convolution, values, packed)
    expect(packed.indexOf(1)).toBe(((1 * 3 + 2) * 64 + 6) * 128 + 5)
    const fc = at.get('fc.weight')!
    const weights = new Float32Array(7 * 512)
    weights[3 * 512 + 11] = 1
    const transposed = new Float32Array(fc.size)
    pack(fc, weights, transposed)
    expect(transposed.indexOf(1)).toBe(11 * 8 + 3)
  })
})
