/** One convolution and its gradients: the plan's kernels beside TF.js's own, on the same adapter and numbers. */
import { openDevice } from '../src/engine/plan/index.ts'
import type { ConvolutionShape } from '../src/engine/plan/kernels/convolution.ts'
import { STEM } from '../src/model/index.ts'
import { values } from './inputs.ts'
import { describeLayer, distinctLayers, type Layer, outSideOf } from './layers.ts'
import { type ConvolutionData, planConvolution, type RunningConvolution } from './plan-convolution.ts'
import type { ConvolutionTiming, Kind, Timing } from './protocol.ts'
import { stockConvolution } from './stock-convolution.ts'
import { medianTime } from './timing.ts'

const BATCH = 8

/** @returns null where the training step does without it: nothing asks for the gradient of the photos. */
export async function timeConvolution(index: number, kind: Kind): Promise<ConvolutionTiming | null> {
  const layer = distinctLayers()[index]
  if (layer.spec === STEM && kind === 'input gradient') return null
  const opened = await openDevice()
  if (!opened) throw new Error('this browser gives no WebGPU adapter')
  const { device } = opened
  const shape = shapeOf(layer)
  const data = dataOf(shape)
  const ours = await timed(await planConvolution(device, layer.spec.name, shape, kind, padded(shape, data)))
  device.destroy()
  const stock = await timed(await stockConvolution(shape, kind, data))
  return {
    kind,
    shape: `${describeLayer(layer)}, batch ${BATCH}`,
    ours: ours.timing,
    stock: stock.timing,
    difference: difference(unpadded(shape, kind, ours.result), stock.result),
  }
}

async function timed(convolution: RunningConvolution): Promise<{ timing: Timing; result: Float32Array }> {
  const { milliseconds, samples } = await medianTime(() => convolution.run())
  const result = await convolution.result()
  convolution.close()
  return { timing: { milliseconds, samples }, result }
}

/** The photos have three channels; the plan keeps them in quads. */
function shapeOf(layer: Layer): ConvolutionShape {
  const { inChannels, outChannels, kernel, stride, padding } = layer.spec
  return {
    count: BATCH,
    side: layer.side,
    inChannels: 4 * Math.ceil(inChannels / 4),
    usedChannels: inChannels,
    outSide: outSideOf(layer),
    outChannels,
    kernel,
    stride,
    padding,
  }
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
