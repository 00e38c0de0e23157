import { readFileSync } from 'node:fs'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StateDict } from '../model/index.ts'
import { WeightsError } from './errors.ts'
import { pytorchLegacy } from './pytorch-legacy.ts'
import { pytorchZip } from './pytorch-zip.ts'
import { readSafetensors } from './safetensors.ts'

const bytesOf = (path: string) => new Uint8Array(readFileSync(`tests/fixtures/${path}`))
const expectedSchema = z.record(
  z.string(),
  z.object({
    dtype: z.enum(['F32', 'I64']),
    shape: z.array(z.number()),
    values: z.array(z.union([z.number(), z.string().transform(BigInt)])),
  }),
)
type Expected = z.infer<typeof expectedSchema>

function expectAll(tensors: StateDict, expected: Expected) {
  expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort())
  for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
    const tensor = tensors.get(name)
    expect({ name, dtype: tensor?.dtype, shape: tensor?.shape }).toEqual({ name, dtype, shape })
    expect([name, ...(tensor?.data ?? [])]).toEqual([name, ...values])
  }
}
const refusal = (open: () => unknown): [string, string] => {
  try {
    open()
  } catch (error) {
    if (error instanceof WeightsError) return [error.code, error.message]
    throw error
  }
  return ['read', '']
}

/** The same files by an old and by a recent PyTorch. */
const VERSIONS = ['torch-1.13', 'torch-2.15']
const FORMATS = [
  { format: pytorchZip, kind: 'zip' },
  { format: pytorchLegacy, kind: 'legacy' },
]

for (const version of VERSIONS) {
  const expected = expectedSchema.parse(
    JSON.parse(readFileSync(`tests/fixtures/${version}/expected.json`, 'utf8')),
  )

  describe(`what Python’s safetensors wrote of ${version}'s tensors`, () => {
    it('is read bit by bit', () =>
      expectAll(readSafetensors(bytesOf(`${version}/tiny.safetensors`)).tensors, expected))
  })

  for (const { format, kind } of FORMATS) {
    const file = (name: string) => bytesOf(`${version}/${name}-${kind}.pth`)
    const open = (name: string) => {
      expect(format.match(file(name))).toBe(true)
      return format.open(file(name)).tensors
    }

    describe(`the ${kind} format of ${version}`, () => {
      it('gives every dtype, strided view and shared storage as PyTorch has it', () => {
        expectAll(open('bare'), expected)
        expect([...open('bare').keys()]).toEqual(Object.keys(expected))
      })

      it('is found under state_dict and under model, beside numbers, texts and other containers', () => {
        expectAll(open('state-dict'), expected)
        expectAll(open('model'), expected)
      })

      it('is read in pickle protocol 4', () => expectAll(open('protocol-4'), expected))

      it('runs nothing: a file that names a function is refused with that name', () => {
        const [code, message] = refusal(() => open('evil'))
        expect(code).toBe('unsafe')
        expect(message).toContain('print')
      })

      it('refuses a whole module and says what to save instead', () => {
        const [code, message] = refusal(() => open('module'))
        expect(code).toBe('unsafe')
        expect(message).toContain('torch.save(model.state_dict()')
      })

      it('refuses what is no state dict of weights', () => {
        expect(refusal(() => open('list'))).toEqual(['not-weights', 'The file holds no state dict.'])
        expect(refusal(() => open('number'))).toEqual(['not-weights', 'The entry lr is not a tensor.'])
        expect(refusal(() => open('bool'))).toEqual(['unsupported', 'mask holds values of a BoolStorage.'])
        expect(refusal(() => open('complex'))).toEqual([
          'unsupported',
          expect.stringContaining('ComplexFloatStorage'),
        ])
      })

      it('is refused at every length shorter than whole', () => {
        const whole = file('state-dict')
        for (let length = 16; length < whole.length; length++)
          expect(refusal(() => format.open(whole.subarray(0, length)))[0]).toBe('truncated')
      })
    })
  }
}

describe("PyTorch's zip format", () => {
  const files = unzipSync(bytesOf('torch-2.15/bare-zip.pth'))
  const folder = Object.keys(files)[0].split('/')[0]
  const zipped = (more: Record<string, Uint8Array>, level: 0 | 9 = 0) =>
    zipSync({ ...files, ...more }, { level })

  it('is read when written by another zip program, and refused from a big-endian machine', () => {
    const order = (text: string) => ({ [`${folder}/byteorder`]: new TextEncoder().encode(text) })
    expect([...pytorchZip.open(zipped(order('little'))).tensors]).toEqual([
      ...pytorchZip.open(bytesOf('torch-2.15/bare-zip.pth')).tensors,
    ])
    expect(refusal(() => pytorchZip.open(zipped(order('big'))))[0]).toBe('unsupported')
  })

  it('refuses TorchScript, compressed files and storages of another length', () => {
    expect(refusal(() => pytorchZip.open(bytesOf('torch-2.15/torchscript.pt')))[0]).toBe('unsupported')
    expect(refusal(() => pytorchZip.open(zipped({}, 9)))[1]).toContain('compressed')
    const short = { [`${folder}/data/0`]: new Uint8Array(3) }
    expect(refusal(() => pytorchZip.open(zipped(short)))[0]).toBe('not-weights')
    expect(refusal(() => pytorchZip.open(zipSync({ 'readme.txt': new Uint8Array(1) })))[0]).toBe(
      'not-weights',
    )
  })
})
