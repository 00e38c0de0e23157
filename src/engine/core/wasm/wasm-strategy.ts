/** Training on TF.js's wasm backend (XNNPACK), with gradients of our own. */
import * as tf from '@tensorflow/tfjs-core'
import { FEATURES } from '../../../model/index.ts'
import { EngineError } from '../../errors.ts'
import { MEMORY_BUDGET } from '../../memory-budget.ts'
import { crossEntropy } from '../criterion.ts'
import { backbone } from '../network.ts'
import { floats, type Parameters } from '../parameters.ts'
import type { Pass, PassResult, Strategy } from '../strategy.ts'
import { Heap } from './heap.ts'
import { heapBytes } from './heap-bytes.ts'
import { HeapFoldedLayers } from './heap-folded-layers.ts'
import { HeapOptimizer } from './heap-optimizer.ts'
import type { KernelId } from './kernels.ts'
import { TrainingLayers } from './training-layers.ts'

/** Floats: 128 KB. */
const PIECE = 2 ** 15

/** Call it while `wasm` is TF.js's active backend. */
export function wasmStrategy(kernels: KernelId): Strategy {
  const heap = new Heap(kernels)
  const foldedOf = new WeakMap<Parameters, HeapFoldedLayers>()
  const folded = (parameters: Parameters) => {
    const layers = foldedOf.get(parameters) ?? new HeapFoldedLayers(parameters, heap)
    foldedOf.set(parameters, layers)
    return layers
  }
  return {
    backend: 'wasm',
    optimizer: new HeapOptimizer(heap),
    budget: MEMORY_BUDGET.wasm,
    folded,
    pass: (pass) => backpropagate(heap, pass, folded(pass.parameters)),
    bytes: heapBytes,
    view: (tensor) => heap.view(tensor),
    add(sum, values) {
      // A piece at a time: what has been copied is added while it is in the cache.
      const length = Math.min(PIECE, values.length)
      heap.borrow([length], (address) => {
        for (let from = 0; from < values.length; from += length) {
          const piece = values.subarray(from, from + length)
          heap.floats(address, piece.length).set(piece)
          heap.kernels.addInto(heap.at(sum) + from * piece.BYTES_PER_ELEMENT, address, piece.length)
        }
      })
    },
    write(parameters, name, values) {
      const tensor = parameters.get(name)
      const { stage } = parameters.entry(name)
      // See HeapOptimizer.update: the classifier is multiplied by XNNPACK, which sees only new tensors.
      if (stage === 'fc') parameters.replace(name, tf.tensor(values, tensor.shape, 'float32'))
      else {
        heap.view(tensor).set(values)
        parameters.touch(stage)
      }
    },
    failure,
  }
}

async function backpropagate(heap: Heap, pass: Pass, folded: HeapFoldedLayers): Promise<PassResult> {
  const { parameters, gradients, labels } = pass
  const layers = new TrainingLayers(heap, parameters, folded, pass, gradients)
  try {
    const pooled = backbone(layers, pass.x, pass.from)
    const features = tf.reshape<tf.Rank.R2>(pooled, [labels.length, FEATURES])
    const weight = parameters.get<tf.Rank.R2>('fc.weight')
    const bias = parameters.get<tf.Rank.R1>('fc.bias')
    const logits = tf.tidy(() => tf.add<tf.Tensor2D>(tf.matMul(features, weight), bias))
    const criterion = crossEntropy(
      await floats(logits),
      labels,
      pass.labelSmoothing,
      pass.scale,
      pass.classWeights,
    )
    const slope = tf.tensor2d(criterion.gradient, logits.shape, 'float32')
    logits.dispose()
    // Transposed first: XNNPACK's product of transposed matrices is slow.
    layers.addGradient(
      'fc.weight',
      tf.tidy(() => tf.matMul(tf.transpose(features), slope)),
    )
    layers.addGradient('fc.bias', tf.tensor1d(columnSums(criterion.gradient, parameters.classes)))
    if (layers.isDifferentiable(pooled))
      layers.backward(
        pooled,
        tf.tidy(() => tf.reshape<tf.Rank.R4>(tf.matMul(slope, tf.transpose(weight)), pooled.shape)),
      )
    tf.dispose([pooled, features, slope])
    return { lossSum: criterion.lossSum, correct: criterion.correct }
  } finally {
    layers.dispose()
  }
}

function columnSums(values: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns)
  for (let i = 0; i < values.length; i += columns) for (let c = 0; c < columns; c++) sums[c] += values[i + c]
  return Float32Array.from(sums)
}

/** An abort (as a rule: the heap is full) kills the instance; every later call fails in one of these ways. */
function failure(error: unknown): unknown {
  return error instanceof WebAssembly.RuntimeError ? new EngineError('dead', error.message) : error
}
