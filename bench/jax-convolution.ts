/** One convolution on jax-js's WebGPU backend, compiled by its `jit`; its arrays are NCHW and OIHW. */
import { blockUntilReady, defaultDevice, init, jit, lax, numpy as np } from '@jax-js/jax'
import type { ConvolutionShape } from '../src/engine/plan/kernels/convolution.ts'
import type { ConvolutionData, RunningConvolution } from './plan-convolution.ts'

/** @throws where jax-js finds no WebGPU. */
export async function jaxConvolution(
  shape: ConvolutionShape,
  { x, w }: ConvolutionData,
): Promise<RunningConvolution> {
  if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js’s WebGPU backend cannot start here')
  defaultDevice('webgpu')
  const { count, side, usedChannels: inChannels, outSide, outChannels, kernel, stride, padding } = shape
  const strides = [stride, stride]
  const pads: [number, number][] = [
    [padding, padding],
    [padding, padding],
  ]
  const convolve = jit((input: np.Array, filter: np.Array) =>
    lax.convGeneralDilated(input, filter, strides, pads),
  )
  const input = np.array(permuted(x, [count, side, side, inChannels], [0, 3, 1, 2]), {
    shape: [count, inChannels, side, side],
  })
  const filter = np.array(permuted(w, [kernel, kernel, inChannels, outChannels], [3, 2, 0, 1]), {
    shape: [outChannels, inChannels, kernel, kernel],
  })
  await blockUntilReady([input, filter])
  let latest: np.Array | null = null
  return {
    async run() {
      latest?.dispose()
      latest = convolve(input.ref, filter.ref)
      await blockUntilReady(latest)
    },
    async result() {
      if (!latest) throw new Error('run first')
      const values = await latest.ref.data()
      if (!(values instanceof Float32Array)) throw new Error('jax-js gives other numbers than float32')
      return permuted(values, [count, outChannels, outSide, outSide], [0, 2, 3, 1])
    },
    close() {
      for (const array of [input, filter, latest]) array?.dispose()
    },
  }
}

/** The array with its axes in another order: axis i of the result is axis `order[i]` of `source`. */
function permuted(
  source: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1))
  const [a, b, c, d] = order.map((axis) => shape[axis])
  const [sa, sb, sc, sd] = order.map((axis) => steps[axis])
  const target = new Float32Array(source.length)
  let at = 0
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++)
        for (let l = 0; l < d; l++) target[at++] = source[i * sa + j * sb + k * sc + l * sd]
  return target
}
