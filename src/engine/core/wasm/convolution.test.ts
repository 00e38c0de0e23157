import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { compiled } from '../../../../scripts/build-wasm.mjs'
import '../../../../tests/relaxed-simd.ts'
import { stream } from '../../../random/index.ts'
import { openWasm } from '../index.ts'
import { backward, forward, methodFor, packFilter } from './convolution.ts'
import { type Shape, shapeOf } from './convolution-method.ts'
import { MODULE as FUSED_MODULE } from './fused-module.ts'
import { Heap } from './heap.ts'
import { KERNEL_IDS, kernelsHere } from './kernels.ts'
import { MODULE } from './module.ts'

let heap: Heap

beforeAll(async () => {
  const folder = '../../../../node_modules/@tensorflow/tfjs-backend-wasm/dist/'
  await openWasm(fileURLToPath(new URL(folder, import.meta.url)))
})

function drawn(name: string, shape: [number, number, number, number]): tf.Tensor4D {
  const random = stream('convolution', name, ...shape)
  return tf.tensor4d(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random() * 2 - 1),
    shape,
  )
}

/** Visits each product of a convolution: places in x, filter and y. */
function eachProduct(s: Shape, visit: (x: number, w: number, y: number) => void): void {
  for (let n = 0; n < s.count; n++)
    for (let oy = 0; oy < s.outHeight; oy++)
      for (let ox = 0; ox < s.outWidth; ox++)
        for (let ky = 0; ky < s.kernel; ky++)
          for (let kx = 0; kx < s.kernel; kx++) {
            const [iy, ix] = [oy * s.stride + ky - s.padding, ox * s.stride + kx - s.padding]
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue
            for (let i = 0; i < s.channels; i++)
              for (let o = 0; o < s.outChannels; o++)
                visit(
                  ((n * s.height + iy) * s.width + ix) * s.channels + i,
                  ((ky * s.kernel + kx) * s.channels + i) * s.outChannels + o,
                  ((n * s.outHeight + oy) * s.outWidth + ox) * s.outChannels + o,
                )
          }
}

const sums = new Map<string, { y: Float64Array; dw: Float64Array; dx: Float64Array }>()

/** Once for all kernels. */
function plainSums(shape: Shape, x: tf.Tensor4D, filter: tf.Tensor4D, dy: tf.Tensor4D) {
  const key = JSON.stringify(shape)
  const held = sums.get(key)
  if (held) return held
  const [y, dw, dx] = [dy, filter, x].map(({ size }) => new Float64Array(size))
  const [xs, ws, ds] = [x, filter, dy].map((tensor) => tensor.dataSync<'float32'>())
  eachProduct(shape, (i, w, o) => {
    y[o] += xs[i] * ws[w]
    dw[w] += xs[i] * ds[o]
    dx[i] += ws[w] * ds[o]
  })
  sums.set(key, { y, dw, dx })
  return { y, dw, dx }
}

function expectClose(actual: Float32Array, expected: Float64Array, bound: number, what: string): void {
  const most = expected.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0)
  const off = expected.reduce((sum, value, i) => Math.max(sum, Math.abs(value - actual[i])), 0)
  expect(off / most, what).toBeLessThan(bound)
}

/** Method, kernel, stride, padding, count, height, width, in, out. */
const CASES: [string, number, number, number, number, number, number, number, number][] = [
  ['winograd', 3, 1, 1, 3, 8, 8, 8, 16],
  ['winograd', 3, 1, 1, 1, 5, 7, 16, 8],
  ['winograd', 3, 1, 1, 8, 3, 3, 8, 8],
  ['winograd', 3, 1, 1, 2, 1, 9, 8, 8],
  // More channels than a block has.
  ['winograd', 3, 1, 1, 2, 5, 5, 64, 136],
  ['pairs', 3, 1, 1, 5, 2, 2, 16, 8],
  ['pairs', 3, 2, 1, 3, 4, 4, 8, 16],
  ['pairs', 3, 2, 1, 8, 3, 3, 8, 8],
  ['pairs', 3, 1, 1, 1, 1, 1, 8, 8],
  ['pairs', 1, 2, 0, 4, 3, 4, 8, 16],
  ['windows', 7, 2, 3, 2, 17, 12, 3, 16],
  ['windows', 3, 2, 1, 3, 9, 6, 8, 16],
  ['windows', 1, 2, 0, 2, 7, 7, 8, 8],
  ['windows', 3, 1, 1, 2, 5, 5, 3, 5],
]

const ids = KERNEL_IDS.filter((id) => kernelsHere(id) === id)

describe.each(ids)('a convolution and its gradients are what the plain sums are, with %s', (id) => {
  beforeAll(() => {
    heap = new Heap(id)
  })

  test.each(CASES)(
    '%s: %i x %i, stride %i',
    (name, kernel, stride, padding, count, height, width, ins, outs) => {
      const x = drawn('x', [count, height, width, ins])
      const filter = drawn('filter', [kernel, kernel, ins, outs])
      const shape = shapeOf({ kernel, stride, padding }, x.shape, outs)
      expect(methodFor(shape).name).toBe(name)
      const dy = drawn('dy', [count, shape.outHeight, shape.outWidth, outs])
      const { y, dw, dx } = plainSums(shape, x, filter, dy)
      const before = tf.memory().numTensors
      const results = tf.tidy(() => {
        const packed = packFilter(heap, filter, shape)
        const gradients = backward(heap, dy, shape, { x, filter })
        return [
          forward(heap, x, filter, shape),
          packed.method.forward(heap, x, packed, shape),
          gradients.dw!,
          gradients.dx!,
        ].map((tensor) => tensor.dataSync<'float32'>())
      })
      expectClose(results[0], y, 1e-6, 'training forward')
      expectClose(results[1], y, 1e-5, 'forward')
      expectClose(results[2], dw, 1e-5, 'filter gradient')
      expectClose(results[3], dx, 1e-5, 'input gradient')
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  test('the gradients of more photos than fit at once are those of fewer', () => {
    const [count, side, channels] = [200, 4, 184]
    const x = drawn('x', [count, side, side, channels])
    const dy = drawn('dy', [count, side, side, channels])
    const filter = drawn('filter', [3, 3, channels, channels])
    const of = (from: number, photos: number) => {
      const part = (tensor: tf.Tensor4D) => tf.slice4d(tensor, [from, 0, 0, 0], [photos, -1, -1, -1])
      const shape = shapeOf({ kernel: 3, stride: 1, padding: 1 }, [photos, side, side, channels], channels)
      const { dw, dx } = backward(heap, part(dy), shape, { x: part(x), filter })
      return [dw!, dx!].map((tensor) => tensor.dataSync<'float32'>())
    }
    tf.tidy(() => {
      const [whole, first, second] = [of(0, count), of(0, 80), of(80, count - 80)]
      const sums = Float64Array.from(first[0], (value, i) => value + second[0][i])
      expectClose(whole[0], sums, 2e-5, 'filter gradient')
      expect(whole[1].subarray(0, first[1].length)).toEqual(first[1])
      expect(whole[1].subarray(first[1].length)).toEqual(second[1])
    })
  })

  test('a folded layer adds its bias and shortcut, then ReLU', () => {
    for (const [, kernel, stride, padding, count, height, width, ins, outs] of CASES) {
      if (outs % 4 !== 0) continue
      const x = drawn('x', [count, height, width, ins])
      const filter = drawn('filter', [kernel, kernel, ins, outs])
      const shape = shapeOf({ kernel, stride, padding }, x.shape, outs)
      const packed = packFilter(heap, filter, shape)
      const plain = packed.method.forward(heap, x, packed, shape)
      const shortcut = drawn('shortcut', plain.shape)
      const bias = tf.tensor1d(Float32Array.from({ length: outs }, (_, i) => i / outs - 0.5))
      const finished = packed.method.forward(heap, x, packed, shape, { bias, shortcut, relu: true })
      const expected = Float64Array.from(tf.relu(tf.add(tf.add(plain, bias), shortcut)).dataSync())
      expectClose(finished.dataSync<'float32'>(), expected, 1e-6, packed.method.name)
    }
  })
})

test.each([
  ['engine', MODULE],
  ['fused', FUSED_MODULE],
] as const)('the checked-in module is the compiled assembly: %s', async (name, module) => {
  const bytes = /'([A-Za-z0-9+/=]+)'/g
  const text = [...(await compiled(name)).matchAll(bytes)].map(([, part]) => part).join('')
  expect(text).toBe(module)
})
