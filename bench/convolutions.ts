/** One convolution and its gradients: the plan's kernels beside TF.js's own and jax-js's, on the same adapter and numbers. */
import { openDevice } from '../src/engine/plan/index.ts'
import type { ConvolutionShape } from '../src/engine/plan/kernels/convolution.ts'
import { STEM } from '../src/model/index.ts'
import { SIZE, values } from './inputs.ts'
import { jaxConvolution } from './jax-convolution.ts'
import { tunedKernels } from './kernel-choice.ts'
import { describeLayer, distinctLayers, type Layer, shapeOf } from './layers.ts'
import { type ConvolutionData, planConvolution, type RunningConvolution } from './plan-convolution.ts'
import {
  type ConvolutionPeer,
  type ConvolutionTiming,
  type GradientTiming,
  KINDS,
  type Kind,
} from './protocol.ts'
import { stockConvolution } from './stock-convolution.ts'
import { medianTimes } from './timing.ts'

const BATCH = 8

/** A layer's convolution on the plan's kernels and on a peer's, a sample of each in turn. */
export async function timeConvolution(
  index: number,
  kind: Kind,
  peer: ConvolutionPeer,
): Promise<ConvolutionTiming | null> {
  const layer = distinctLayers()[index]
  if (!isMeasured(layer, kind, peer)) return null
  const { device, kernels } = await opened()
  const shape = shapeOf(layer, BATCH)
  const data = dataOf(shape)
  const ours = await planConvolution(device, kernels, layer.spec.name, shape, kind, padded(shape, data))
  const theirs = await (peer === 'jax' ? jaxConvolution(shape, data) : stockConvolution(shape, kind, data))
  const [our, their] = await medianTimes(ours.run, theirs.run)
  const results = [unpadded(shape, kind, await ours.result()), await theirs.result()] as const
  ours.close()
  theirs.close()
  device.destroy()
  return {
    shape: `${describeLayer(layer)}, batch ${BATCH}`,
    ours: our.milliseconds,
    peer: their.milliseconds,
    difference: difference(...results),
  }
}

/** jax-js is held to the 3x3 convolutions of the four stages; nothing asks for the gradient of the photos. */
function isMeasured({ spec }: Layer, kind: Kind, peer: ConvolutionPeer): boolean {
  if (peer === 'jax') return kind === 'forward' && spec.kernel === 3 && spec.stride === 1
  return !(spec === STEM && kind === 'input gradient')
}

/** A layer's convolution and both its gradients on the plan's kernels, a sample of each in turn; null for the stem. */
export async function timeGradients(index: number): Promise<GradientTiming | null> {
  const layer = distinctLayers()[index]
  if (layer.spec === STEM) return null
  const { device, kernels } = await opened()
  const shape = shapeOf(layer, BATCH)
  const data = dataOf(shape)
  const running: RunningConvolution[] = []
  for (const kind of KINDS)
    running.push(await planConvolution(device, kernels, layer.spec.name, shape, kind, padded(shape, data)))
  const [forward, inputGradient, filterGradient] = await medianTimes(...running.map(({ run }) => run))
  for (const { close } of running) close()
  device.destroy()
  return {
    shape: `${describeLayer(layer)}, batch ${BATCH}`,
    forward: forward.milliseconds,
    inputGradient: inputGradient.milliseconds,
    filterGradient: filterGradient.milliseconds,
  }
}

async function opened() {
  const found = await openDevice()
  if (!found) throw new Error('this browser gives no WebGPU adapter')
  return { device: found.device, kernels: await tunedKernels(SIZE, BATCH) }
}

function dataOf(shape: ConvolutionShape): ConvolutionData {
  const { count, side, usedChannels, outSide, outChannels, kernel } = shape
  return {
    x: values('x', count * side ** 2 * usedChannels, 1),
    w: values('w', kernel ** 2 * usedChannels * outChannels, 1),
    dy: values('dy', count * outSide ** 2 * outChannels, 1),
  }
}

/** The same numbers with x and w filled up to quads of channels by zeros. */
function padded(shape: ConvolutionShape, { x, w, dy }: ConvolutionData): ConvolutionData {
  const { usedChannels: used, inChannels: all, outChannels } = shape
  if (used === all) return { x, w, dy }
  return { x: fillUp(x, used, all), w: fillUp(w, used * outChannels, all * outChannels), dy }
}

/** Each run of `from` values becomes one of `to`, zeros last. */
function fillUp(source: Float32Array, from: number, to: number): Float32Array<ArrayBuffer> {
  const target = new Float32Array((source.length / from) * to)
  for (let i = 0; i * from < source.length; i++) target.set(source.subarray(i * from, (i + 1) * from), i * to)
  return target
}

/** A filter gradient without the rows of the channels that were filled up. */
function unpadded(shape: ConvolutionShape, kind: Kind, result: Float32Array): Float32Array {
  const { usedChannels: used, inChannels: all, outChannels } = shape
  if (used === all || kind !== 'filter gradient') return result
  return result.filter((_, i) => i % (all * outChannels) < used * outChannels)
}

function difference(ours: Float32Array, stock: Float32Array): number {
  if (ours.length !== stock.length) throw new Error(`${ours.length} values beside ${stock.length}`)
  const largest = stock.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - stock[i])), 0) / largest
}
