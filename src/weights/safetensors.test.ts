import { describe, expect, it } from 'vitest'
import type { HostTensor, StateDict } from '../model/index.ts'
import { WeightsError } from './errors.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const small: StateDict = new Map<string, HostTensor>([
  ['b', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-40, -0) }],
  ['a', { dtype: 'I64', shape: [], data: BigInt64Array.of(-5n) }],
  ['empty', { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) }],
])

/** A file from a header and data, whatever they say. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}
const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})
const codeOf = (bytes: Uint8Array) => {
  try {
    readSafetensors(bytes)
  } catch (error) {
    return error instanceof WeightsError ? error.code : error
  }
  return 'read'
}

describe('safetensors', () => {
  it('gives back what was written, in the same order, at any place in a buffer', () => {
    const bytes = writeSafetensors(small, { format: 'pt', note: 'é' })
    const shifted = new Uint8Array(bytes.length + 3).subarray(3)
    shifted.set(bytes)
    const { tensors, metadata } = readSafetensors(shifted)
    expect([...tensors]).toEqual([...small])
    expect(tensors.get('b')?.data[5]).toBe(-0)
    expect(metadata).toEqual({ format: 'pt', note: 'é' })
  })

  it('starts the data 8-byte aligned, padded with spaces', () => {
    for (const note of ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg']) {
      const bytes = writeSafetensors(small, { note })
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
      expect(length % 8).toBe(0)
      expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toMatch(/\} *$/)
    }
  })

  it('reads half, bfloat16 and double precision as float32', () => {
    const half = [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c]
    const bfloat = [0x80, 0x3f, 0x49, 0x40]
    const double = [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]
    const { tensors } = readSafetensors(
      file({ h: entry('F16', [5], 0, 10), b: entry('BF16', [2], 10, 14), d: entry('F64', [1], 14, 22) }, [
        ...half,
        ...bfloat,
        ...double,
      ]),
    )
    expect([...(tensors.get('h')?.data ?? [])]).toEqual([1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY])
    expect([...(tensors.get('b')?.data ?? [])]).toEqual([1, 3.140625])
    expect([...(tensors.get('d')?.data ?? [])]).toEqual([1.5])
  })

  it('calls every shorter file truncated or broken', () => {
    const bytes = writeSafetensors(small)
    for (let length = 0; length < bytes.length; length++)
      expect(codeOf(bytes.subarray(0, length))).toBe('truncated')
  })

  it('refuses holes, overlaps, bytes left over, and offsets that do not fit the shape', () => {
    const eight = [0, 0, 0, 0, 0, 0, 0, 0]
    expect(codeOf(file({ a: entry('F32', [1], 0, 4), b: entry('F32', [1], 4, 8) }, eight))).toBe('read')
    expect(codeOf(file({ a: entry('F32', [1], 4, 8) }, eight))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [1], 0, 4), b: entry('F32', [1], 0, 4) }, eight))).toBe(
      'not-weights',
    )
    expect(codeOf(file({ a: entry('F32', [1], 0, 4) }, eight))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [3], 0, 8) }, eight))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [2], 8, 0) }, eight))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [2 ** 40, 2 ** 40], 0, 8) }, eight))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [2 ** 45], 0, 2 ** 47) }, eight))).toBe('truncated')
  })

  it('refuses headers that are not what the format says', () => {
    expect(codeOf(file('{'))).toBe('not-weights')
    expect(codeOf(file('[]'))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [-1], 0, 0) }))).toBe('not-weights')
    expect(codeOf(file({ a: entry('F32', [0.5], 0, 0) }))).toBe('not-weights')
    expect(codeOf(file({ a: { dtype: 'F32', shape: [0] } }))).toBe('not-weights')
    expect(codeOf(file({ __metadata__: { a: 1 } }))).toBe('not-weights')
    expect(codeOf(file({ a: entry('U8', [1], 0, 1) }, [0]))).toBe('unsupported')
    const long = file({})
    new DataView(long.buffer).setBigUint64(0, 2n ** 63n, true)
    expect(codeOf(long)).toBe('not-weights')
  })
})
