import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WeightsError } from './errors.ts'
import type { TensorFormat } from './format.ts'
import { Tuple, unpickle } from './pickle.ts'
import { pytorchLegacy } from './pytorch-legacy.ts'
import { pytorchZip } from './pytorch-zip.ts'
import { safetensors, writeSafetensors } from './safetensors.ts'
import { openWeightFile } from './weight-file.ts'

const FIXTURES = readdirSync('tests/fixtures', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(pth|pt|safetensors)$/.test(name))
  .map((name) => new Uint8Array(readFileSync(`tests/fixtures/${name}`)))

/** Bytes of tensors that came out, or the error's class; a refusal must be a WeightsError. */
function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error
    return error.code
  }
}

function openAs(format: TensorFormat, bytes: Uint8Array): void {
  outcome(() => {
    let held = 0
    for (const { data } of format.open(bytes).tensors.values()) held += data.byteLength
    // float32 from two-byte values, or views that share a storage.
    expect(held).toBeLessThanOrEqual(8 * bytes.length)
  })
}

const damage = fc.record({
  file: fc.constantFrom(...FIXTURES),
  cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }),
  changes: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
    maxLength: 6,
  }),
})

describe('a damaged or hostile weight file', () => {
  it('is read or refused by a WeightsError, in memory of its own size', () => {
    fc.assert(
      fc.property(damage, ({ file, cut, changes }) => {
        const bytes = file.slice(0, cut === null ? undefined : Math.floor(cut * file.length))
        for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte
        for (const format of [safetensors, pytorchZip, pytorchLegacy])
          if (format.match(bytes)) openAs(format, bytes)
        expect(typeof outcome(() => openWeightFile(bytes))).toBe('string')
      }),
      { numRuns: 4000 },
    )
  })

  it('is refused where it is noise behind a known beginning', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIXTURES), fc.uint8Array({ maxLength: 300 }), (file, noise) => {
        for (const kept of [4, 15, 60]) {
          const bytes = new Uint8Array([...file.subarray(0, kept), ...noise])
          expect(typeof outcome(() => openWeightFile(bytes))).toBe('string')
        }
      }),
      { numRuns: 500 },
    )
  })

  it('cannot make the pickle reader fail in another way', () => {
    const opcodes = '(.012NKMJ\x88\x89\x8aGXUTBC)\x85\x86\x87t]lae}dsuqr\x94hjc\x93QRb\x80\x95'
    const byte = fc.oneof(
      fc.constantFrom(...opcodes).map((character) => character.charCodeAt(0)),
      fc.nat(255),
    )
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 80 }), (bytes) => {
        outcome(() => unpickle(Uint8Array.from(bytes)))
      }),
      { numRuns: 20_000 },
    )
  })

  describe('cannot make a small file large', () => {
    const text = (value: string) => [0x58, value.length, 0, 0, 0, ...new TextEncoder().encode(value)]
    const name = (value: string) => [0x63, ...new TextEncoder().encode(value.replace(/\.(\w+)$/, '\n$1\n'))]
    const int = (value: number) => [0x4a, ...new Uint8Array(Int32Array.of(value).buffer)]
    const tuple = (...items: number[][]) => [0x28, ...items.flat(), 0x74]
    const pickle = (value: number[]) => [0x80, 2, ...value, 0x2e]
    const id = tuple(text('storage'), name('torch.FloatStorage'), text('0'), text('cpu'), int(1))
    const view = (shape: number[], strides: number[]) => [
      ...name('torch._utils._rebuild_tensor'),
      ...tuple(
        [...id, 0x51],
        int(0),
        tuple(...shape.map((size) => int(size))),
        tuple(...strides.map((stride) => int(stride))),
      ),
      0x52,
    ]
    const file = (value: number[]) =>
      Uint8Array.from([
        ...[0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
        ...pickle(int(1001)),
        ...pickle([0x7d, ...text('little_endian'), 0x88, 0x73]),
        ...pickle([0x7d, ...text('a'), ...value, 0x73]),
        ...pickle([0x5d, ...text('0'), 0x61]),
        ...[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63],
      ])

    it('by views of one value', () => {
      const small = pytorchLegacy.open(file(view([2, 2], [0, 0]))).tensors.get('a')
      expect(small?.data).toEqual(Float32Array.of(1, 1, 1, 1))
      expect(() => pytorchLegacy.open(file(view([2 ** 30, 2 ** 30], [0, 0])))).toThrow('larger than the file')
      expect(() => pytorchLegacy.open(file(view([2], [1])))).toThrow('beyond its storage')
    })

    it('by axes without end', () => {
      const axes = new Array<number>(9).fill(1)
      expect(() => pytorchLegacy.open(file(view(axes, axes)))).toThrow('a tensor has 9 axes')
    })

    it('by a list that many dictionaries copy', () => {
      const pair = [...text('k'), 0x4e, 0x86]
      const list = [0x5d, ...pair, 0x61, 0x71, 1]
      const dictionary = (items: number[]) => [...name('collections.OrderedDict'), ...items, 0x85, 0x52]
      const { value } = unpickle(
        Uint8Array.from(pickle([...dictionary(list), ...dictionary([0x68, 1]), 0x86])),
      )
      expect(value).toEqual(new Tuple([new Map([['k', null]]), new Map()]))
    })
  })

  it('keeps no name of the language from being data', () => {
    const values = Float32Array.of(1)
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      expect(
        safetensors.open(writeSafetensors(new Map([[name, { dtype: 'F32', shape: [1], data: values }]])))
          .tensors,
      ).toEqual(new Map([[name, { dtype: 'F32', shape: [1], data: values }]]))
    const json = '{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    const bytes = new Uint8Array([json.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(json)])
    expect(safetensors.open(bytes).tensors.size).toBeLessThanOrEqual(1)
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false)
  })
})
