/** One convolution on TF.js's own WebGPU kernels: Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter. */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import type { ConvolutionShape } from '../src/engine/plan/kernels/convolution.ts'
import type { ConvolutionData, RunningConvolution } from './plan-convolution.ts'
import type { Kind } from './protocol.ts'

export async function stockConvolution(
  shape: ConvolutionShape,
  kind: Kind,
  data: ConvolutionData,
): Promise<RunningConvolution> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('TF.js’s WebGPU backend cannot start here')
  const backend = tf.backend()
  if (!(backend instanceof WebGPUBackend)) throw new Error('another backend answers to the name webgpu')
  const { count, side, usedChannels: inChannels, outSide, outChannels, kernel, stride, padding: pad } = shape
  const x = tf.tensor4d(data.x, [count, side, side, inChannels])
  const w = tf.tensor4d(data.w, [kernel, kernel, inChannels, outChannels])
  const dy = tf.tensor4d(data.dy, [count, outSide, outSide, outChannels])
  const attributes = { strides: stride, pad, dataFormat: 'NHWC' }
  const calls: Record<Kind, () => tf.Tensor> = {
    forward: () => tf.conv2d(x, w, stride, pad),
    'input gradient': () =>
      tf.engine().runKernel('Conv2DBackpropInput', { dy, filter: w }, { ...attributes, inputShape: x.shape }),
    'filter gradient': () =>
      tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: w.shape }),
  }
  let latest: tf.Tensor | null = null
  return {
    async run() {
      latest?.dispose()
      latest = calls[kind]()
      // What was recorded goes to the device now, not with the next read.
      backend.ensureCommandEncoderReady()
      backend.endComputePassEncoder()
      backend.submitQueue()
      await backend.queue.onSubmittedWorkDone()
    },
    async result() {
      if (!latest) throw new Error('run first')
      return latest.data<'float32'>()
    },
    close() {
      tf.dispose([x, w, dy, latest ?? []])
    },
  }
}
