/** Classifies with an engine of its own, so that a run that goes on is not disturbed. */
import type { Dataset, Sample, Split } from '../dataset/types.ts'
import type { Inputs, TrainStep } from '../engine/index.ts'
import { score, softmax, topClasses } from '../evaluation/index.ts'
import { LOCK_ALL, type StateDict } from '../model/index.ts'
import type { EvaluationTransform } from '../recipe/index.ts'
import { cutBatches } from './batches.ts'
import type { PhotoPrediction } from './events.ts'
import { EVALUATION_BATCH, type PhotoLoader, readBatches } from './photos.ts'
import type { Classification, PhotoAnswer } from './trainer-api.ts'

/** Weights to classify with: another object stands for other weights. */
export interface Classifying {
  state: StateDict
  /** Names in the order of the outputs. */
  classes: readonly string[]
  evaluation: EvaluationTransform
}

const TOP = 5

export class Classifier {
  readonly #open: () => Promise<TrainStep>
  #engine: TrainStep | null = null
  #loaded: Classifying | null = null
  #queue: Promise<unknown> = Promise.resolve()

  /** @param open gives the engine when it is first needed. */
  constructor(open: () => Promise<TrainStep>) {
    this.#open = open
  }

  /** One square RGB picture [size, size, 3]. */
  async classify(weights: Classifying, pixels: Uint8Array, size: number): Promise<Classification> {
    return classification(
      weights,
      await this.#predict(weights, { kind: 'photos', pixels, count: 1, size }),
      TOP,
    )
  }

  /** Photos of no dataset, in the order given. They are read once, so the loaders need not keep them. */
  async classifyPhotos(
    weights: Classifying,
    photos: PhotoLoader,
    samples: readonly Sample[],
    top: number,
  ): Promise<PhotoAnswer[]> {
    const lists = cutBatches(samples, EVALUATION_BATCH)
    const answers = new Map<string, PhotoAnswer>()
    const transform = { kind: 'evaluate', evaluation: weights.evaluation, keep: false } as const
    for await (const batch of readBatches(photos, lists, transform)) {
      for (const { sample, reason } of batch.failed) answers.set(sample.path, { path: sample.path, reason })
      if (batch.samples.length === 0) continue
      const logits = await this.#predict(weights, batch.inputs)
      const classes = logits.length / batch.samples.length
      for (const [i, { path }] of batch.samples.entries()) {
        const row = logits.subarray(i * classes, (i + 1) * classes)
        answers.set(path, { path, ...classification(weights, row, top) })
      }
    }
    return samples.flatMap(({ path }) => answers.get(path) ?? [])
  }

  /** The readable photos of a split. */
  async predict(
    weights: Classifying,
    photos: PhotoLoader,
    { samples }: Dataset,
    split: Split,
  ): Promise<PhotoPrediction[]> {
    const lists = cutBatches<Sample>(
      samples.filter((sample) => sample.split === split),
      EVALUATION_BATCH,
    )
    const predictions: PhotoPrediction[] = []
    const transform = { kind: 'evaluate', evaluation: weights.evaluation } as const
    for await (const batch of readBatches(photos, lists, transform)) {
      if (batch.samples.length === 0) continue
      const { predicted } = score(await this.#predict(weights, batch.inputs), batch.labels)
      for (const [i, { path, label }] of batch.samples.entries()) {
        const { label: predictedClass, probability: confidence, loss } = predicted[i]
        predictions.push({ path, split, trueClass: label, predictedClass, confidence, loss })
      }
    }
    return predictions
  }

  /** Gives the engine back; the next call opens another. */
  async close(): Promise<void> {
    await this.#queue
    const engine = this.#engine
    this.#engine = null
    this.#loaded = null
    await engine?.[Symbol.asyncDispose]()
  }

  /** Logits [count, classes]. One call after the other: each may load other weights. */
  #predict(weights: Classifying, inputs: Inputs): Promise<Float32Array> {
    const answer = this.#queue.then(async () => {
      this.#engine ??= await this.#open()
      if (this.#loaded !== weights) await load(this.#engine, weights)
      this.#loaded = weights
      return this.#engine.predict(inputs)
    })
    this.#queue = answer.catch(() => undefined)
    return answer
  }
}

function classification({ classes }: Classifying, logits: Float32Array, top: number): Classification {
  return {
    top: topClasses(softmax(logits), top).map(({ label, probability }) => ({
      label,
      name: classes[label],
      probability,
    })),
  }
}

async function load(engine: TrainStep, { state }: Classifying): Promise<void> {
  await engine.load(state)
  await engine.configure({
    locked: LOCK_ALL,
    batchNorm: 'frozen',
    optimizer: { kind: 'sgd', weightDecay: 0, momentum: 0, stageScale: {} },
    labelSmoothing: 0,
    microBatch: null,
  })
}
