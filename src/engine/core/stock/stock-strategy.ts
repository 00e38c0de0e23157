/** Training with TF.js's own kernels, gradients and tape, on any of its backends that has them. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import {
  BATCH_NORM_MOMENTUM,
  type ConvolutionSpec,
  FEATURES,
  isTrained,
  LOCKABLE_STAGES,
  parameterEntries,
} from '../../../model/index.ts'
import { EngineError } from '../../errors.ts'
import { FoldedLayers } from '../folded-layers.ts'
import { backbone } from '../network.ts'
import { floats } from '../parameters.ts'
import type { Pass, PassResult, Strategy } from '../strategy.ts'
import { stockBytes } from './stock-bytes.ts'
import { StockLayers } from './stock-layers.ts'
import { TensorOptimizer } from './tensor-optimizer.ts'

export function stockStrategy(backend: Strategy['backend']): Strategy {
  return {
    backend,
    optimizer: new TensorOptimizer(),
    budget: 4e9,
    folded: (parameters) => new FoldedLayers(parameters),
    pass: backpropagate,
    bytes: stockBytes,
    view: (tensor) => tensor.dataSync<'float32'>(),
    add() {
      throw new Error('only wasm engines share a batch')
    },
    write(parameters, name, values) {
      parameters.replace(name, tf.tensor(values, parameters.get(name).shape, 'float32'))
    },
    failure(error) {
      const lost = error instanceof DOMException && error.name === 'AbortError'
      return lost ? new EngineError('device-lost', error.message) : error
    },
  }
}

interface BatchStatistics {
  spec: ConvolutionSpec
  mean: tf.Tensor1D
  variance: tf.Tensor1D
  rows: number
}

async function backpropagate(pass: Pass): Promise<PassResult> {
  const { parameters, labels, labelSmoothing: smoothing } = pass
  const { classes } = parameters
  const locked = LOCKABLE_STAGES.filter((stage) => !pass.trains(stage))
  const names = parameterEntries(classes)
    .filter((entry) => isTrained(locked, entry))
    .map(({ name }) => name)
  const seen: BatchStatistics[] = []
  const targets = tf.tidy(() => {
    const even = smoothing / classes
    const plain = tf.add(tf.mul(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 1 - smoothing), even)
    return pass.classWeights ? tf.mul(plain, tf.tensor1d([...pass.classWeights], 'float32')) : plain
  })
  let logits: tf.Tensor2D | null = null
  const meanLoss = (...trained: tf.Tensor[]) => {
    const byName = new Map(names.map((name, i) => [name, trained[i]]))
    const parameter = <R extends tf.Rank>(name: string) =>
      (byName.get(name) ?? parameters.get(name)) as tf.Tensor<R>
    const layers = new StockLayers({
      parameter,
      usesBatchStatistics: (spec) => pass.usesBatchStatistics(spec.stage),
      onStatistics: (spec, mean, variance, rows) =>
        seen.push({ spec, mean: tf.keep(tf.clone(mean)), variance: tf.keep(tf.clone(variance)), rows }),
    })
    const features = tf.reshape<tf.Rank.R2>(backbone(layers, pass.x, pass.from), [labels.length, FEATURES])
    const output = tf.add<tf.Tensor2D>(
      tf.matMul(features, parameter<tf.Rank.R2>('fc.weight')),
      parameter('fc.bias'),
    )
    logits = tf.keep(tf.clone(output))
    const losses = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(output))))
    return tf.mul<tf.Scalar>(losses, pass.scale)
  }
  const { value, grads } = tf.valueAndGrads(meanLoss)(names.map((name) => parameters.get(name)))
  names.forEach((name, i) => {
    const sum = pass.gradients.get(name)
    pass.gradients.set(name, tf.keep(sum ? tf.add(sum, grads[i]) : grads[i]))
    if (sum) tf.dispose([sum, grads[i]])
  })
  if (pass.updatesStatistics) updateRunning(pass, seen)
  const result = await read(value, logits, labels, pass.scale)
  tf.dispose([pass.x, targets, value, logits ?? [], seen.flatMap(({ mean, variance }) => [mean, variance])])
  return result
}

function updateRunning(pass: Pass, seen: readonly BatchStatistics[]): void {
  const { parameters } = pass
  const move = (name: string, batch: tf.Tensor, factor: number) => {
    const after = tf.tidy(() =>
      tf.add(
        tf.mul(parameters.get(name), 1 - BATCH_NORM_MOMENTUM),
        tf.mul(batch, BATCH_NORM_MOMENTUM * factor),
      ),
    )
    parameters.replace(name, after)
  }
  for (const { spec, mean, variance, rows } of seen) {
    move(`${spec.batchNorm}.running_mean`, mean, 1)
    move(`${spec.batchNorm}.running_var`, variance, rows / (rows - 1))
    parameters.countBatch(spec.batchNorm)
  }
}

async function read(
  loss: tf.Scalar,
  logits: tf.Tensor2D | null,
  labels: Int32Array,
  scale: number,
): Promise<PassResult> {
  const [lossValue] = await floats(loss)
  const values = logits ? await floats(logits) : new Float32Array()
  const classes = values.length / labels.length
  const right = labels.filter((label, row) => {
    const scores = values.subarray(row * classes, (row + 1) * classes)
    return scores.indexOf(scores.reduce((a, b) => Math.max(a, b), -Infinity)) === label
  })
  return { lossSum: lossValue / scale, correct: right.length }
}
