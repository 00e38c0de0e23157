/**
 * The plan beside plain tf-core in float32 at random shapes and settings: single convolutions (TF.js's `cpu`
 * backend) and whole steps (its tape, gradients and kernels on its `wasm` backend, which is faster, with the filter
 * gradient that it lacks).
 */
import { fileURLToPath } from 'node:url'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { expect } from 'vitest'
import { CoreEngine } from '../../src/engine/core/core-engine.ts'
import { stockStrategy } from '../../src/engine/core/stock/stock-strategy.ts'
import { FAMILIES } from '../../src/engine/plan/candidates.ts'
import { deviceTraits } from '../../src/engine/plan/device.ts'
import { type ConvolutionShape, type Kind, NO_EPILOGUE } from '../../src/engine/plan/kernels/convolution.ts'
import { createPlan } from '../../src/engine/plan/plan.ts'
import { relativeError, runConvolution } from '../../src/engine/plan/testing.ts'
import type { Inputs, TrainStep } from '../../src/engine/train-step.ts'
import { elements, type HostTensor, type StateDict, stateEntries } from '../../src/model/index.ts'
import { stream } from '../../src/random/index.ts'
import { installGradients } from './gradient-kernels.ts'
import { convolutionCase, type StepCase, stepCase } from './random-cases.ts'

/** Of the largest value: sums of a few thousand float32 products in another order. */
const CONVOLUTION_BOUND = 2e-5
const LOSS_BOUND = 1e-4
/**
 * Of a gradient's length: for `fc`, and for all others unless a ReLU whose input is zero but for rounding falls the other
 * way. Then all that lies before it differs, by about the root of its share in the layer's outputs (a percent for one of
 * layer4 at these sizes), between any two engines alike.
 */
export const GRADIENT_BOUND = 1e-4
const KINK_BOUND = 0.15
/** After one update, which Adam makes from the gradients' signs rather than their sizes. */
const SECOND_LOSS_BOUND = 0.03

setWasmPaths(
  fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)),
)
installGradients()
tf.enableProdMode()

const floats = (name: string, index: number, count: number, value: (u: number) => number) => {
  const random = stream('peer', name, index)
  return Float32Array.from({ length: count }, () => value(random()))
}

/** Forward, input gradient and filter gradient of case `index`, each by one of the families that take the shape, in turn. */
export async function checkConvolution(device: GPUDevice, index: number): Promise<void> {
  const shape = convolutionCase(index)
  const { count, side, inChannels, usedChannels, outSide, outChannels, kernel } = shape
  const centred = (u: number) => 2 * u - 1
  const x = floats('x', index, count * side ** 2 * inChannels, centred)
  const w = floats('w', index, kernel ** 2 * inChannels * outChannels, centred)
  const dy = floats('dy', index, count * outSide ** 2 * outChannels, centred)
  for (let i = 0; i < x.length; i++) if (i % inChannels >= usedChannels) x[i] = 0
  for (let i = 0; i < w.length; i++) if (Math.floor(i / outChannels) % inChannels >= usedChannels) w[i] = 0
  const expected = await tfConvolution(shape, x, w, dy)
  const traits = deviceTraits(device)
  const run = async (kind: Kind, how: Parameters<typeof runConvolution>[3], right: Float32Array) => {
    const families = FAMILIES.filter((family) => family[kind]?.suits(shape, traits) && !family.float16)
    const family = families[index % families.length]
    const values = await runConvolution(device, family, shape, how, { x, w, dy })
    const what = `case ${index}, ${family.id} ${kind}, ${JSON.stringify(shape)}`
    expect(relativeError(values, right), what).toBeLessThanOrEqual(CONVOLUTION_BOUND)
  }
  await run('forward', { forward: NO_EPILOGUE }, expected.y)
  // Nothing asks for the gradient of the photos.
  if (usedChannels === inChannels)
    await run('inputGradient', { inputGradient: { accumulate: false } }, expected.dx)
  await run('filterGradient', 'filterGradient', expected.dw)
}

async function tfConvolution(
  { count, side, inChannels, outSide, outChannels, kernel, stride, padding }: ConvolutionShape,
  x: Float32Array,
  w: Float32Array,
  dy: Float32Array,
) {
  await tf.setBackend('cpu')
  const results = tf.tidy(() => {
    const slope = tf.tensor4d(dy, [count, outSide, outSide, outChannels])
    const convolve = (input: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, stride, padding)
    const { value, grads } = tf.valueAndGrads(convolve)(
      [
        tf.tensor4d(x, [count, side, side, inChannels]),
        tf.tensor4d(w, [kernel, kernel, inChannels, outChannels]),
      ],
      slope,
    )
    return [value, ...grads]
  })
  const [y, dx, dw] = await Promise.all(results.map((tensor) => tensor.data<'float32'>()))
  tf.dispose(results)
  return { y, dx, dw }
}

/**
 * Two steps of case `index`: losses, gradients before the first, running statistics after it.
 * @returns the largest distance of a gradient: below `GRADIENT_BOUND` where no ReLU fell the other way.
 */
export async function checkStep(device: GPUDevice, index: number): Promise<number> {
  const given = stepCase(index)
  const what = `case ${index}, ${JSON.stringify(given)}`
  const plan = await run(await createPlan(device), given, index)
  const core = await run(await plainCore(), given, index)
  expect([...plan.gradients.keys()].toSorted(), what).toEqual([...core.gradients.keys()].toSorted())
  let largest = 0
  for (const [name, gradient] of core.gradients) {
    const apart = distance(plan.gradients.get(name)!, gradient)
    const bound = name.startsWith('fc.') ? GRADIENT_BOUND : KINK_BOUND
    expect(apart, `${what}: ${name}`).toBeLessThanOrEqual(bound)
    largest = Math.max(largest, apart)
  }
  core.losses.forEach((loss, i) => {
    const bound = i === 0 ? LOSS_BOUND : SECOND_LOSS_BOUND
    expect(Math.abs(plan.losses[i] / loss - 1), `${what}: loss ${i}`).toBeLessThanOrEqual(bound)
  })
  for (const [name, { data }] of core.statistics)
    expect(
      distance(numbers(plan.statistics.get(name)!.data), numbers(data)),
      `${what}: ${name}`,
    ).toBeLessThanOrEqual(LOSS_BOUND)
  return largest
}

async function plainCore(): Promise<TrainStep> {
  await tf.setBackend('wasm')
  return new CoreEngine(stockStrategy('wasm'), { engine: 'wasm', adapter: 'CPU', kernels: 'stock' })
}

async function run(
  engine: TrainStep,
  { config, classes, count, size, learningRate }: StepCase,
  index: number,
) {
  await using step = engine
  const pixels = Uint8Array.from(floats('photos', index, count * size * size * 3, (u) => Math.floor(256 * u)))
  const inputs: Inputs = { kind: 'photos', pixels, count, size }
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes)
  await step.load(startState(index, classes))
  await step.configure(config)
  const gradients = await step.gradients(inputs, labels)
  const first = await step.step(inputs, labels, learningRate)
  const statistics = await step.readState(
    stateEntries(classes)
      .filter(({ kind }) => kind === 'running_mean' || kind === 'running_var')
      .map(({ name }) => name),
  )
  const second = await step.step(inputs, labels, learningRate)
  return { gradients, statistics, losses: [first.loss, second.loss] }
}

/** He's uniform start for the convolutions; batch norms near 1 and 0. */
function startState(index: number, classes: number): StateDict {
  const state = new Map<string, HostTensor>()
  for (const { name, kind, shape } of stateEntries(classes)) {
    const count = elements(shape)
    const bound = Math.sqrt(6 / Math.max(1, elements(shape.slice(1))))
    const value = (u: number) => {
      if (kind === 'running_var' || (kind === 'weight' && shape.length === 1)) return 0.5 + u
      return shape.length === 1 ? 0.2 * (u - 0.5) : bound * (2 * u - 1)
    }
    if (kind === 'num_batches_tracked') state.set(name, { dtype: 'I64', shape, data: new BigInt64Array(1) })
    else state.set(name, { dtype: 'F32', shape, data: floats(name, index, count, value) })
  }
  return state
}

const numbers = (data: HostTensor['data']): number[] => Array.from(data, Number)

/** Length of the difference, as a share of the length of what is right. */
function distance(values: ArrayLike<number>, right: ArrayLike<number>): number {
  let difference = 0
  let length = Number.MIN_VALUE
  for (let i = 0; i < right.length; i++) {
    difference += (values[i] - right[i]) ** 2
    length += right[i] ** 2
  }
  return Math.sqrt(difference / length)
}
