/** The network's values as TF.js tensors, by torchvision's names. */
import * as tf from '@tensorflow/tfjs-core'
import {
  classesOf,
  type EntrySpec,
  elements,
  type HostTensor,
  type Stage,
  type StateDict,
  stateDictProblems,
  stateEntries,
} from '../../model/index.ts'
import { tensorShape, toStateLayout, toTensorLayout } from './layout.ts'

export class Parameters {
  readonly classes: number
  readonly #tensors = new Map<string, tf.Tensor>()
  readonly #counters = new Map<string, bigint>()
  readonly #entries = new Map<string, EntrySpec>()
  readonly #revisions = new Map<Stage, number>()

  /** @throws where an entry is missing or has another shape. */
  constructor(state: StateDict) {
    const problems = stateDictProblems(state)
    if (problems.length > 0) throw new Error(`not a ResNet-18: ${problems.slice(0, 3).join('; ')}`)
    this.classes = classesOf(state)
    for (const entry of stateEntries(this.classes)) {
      this.#entries.set(entry.name, entry)
      const value = state.get(entry.name)
      if (entry.kind === 'num_batches_tracked')
        this.#counters.set(entry.name, value?.dtype === 'I64' ? value.data[0] : 0n)
      else if (value?.dtype === 'F32')
        this.#tensors.set(
          entry.name,
          tf.keep(tf.tensor(toTensorLayout(value.data, entry.shape), tensorShape(entry.shape), 'float32')),
        )
      else throw new Error(`${entry.name} must hold 32-bit floats`)
    }
  }

  /** A tensor of known rank, in TF.js's layout. It lives until it is replaced. */
  get<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const tensor = this.#tensors.get(name)
    if (!tensor) throw new Error(`no parameter ${name}`)
    return tensor as tf.Tensor<R>
  }

  entry(name: string): EntrySpec {
    const entry = this.#entries.get(name)
    if (!entry) throw new Error(`${name} is not part of ResNet-18`)
    return entry
  }

  /**
   * Takes `tensor` over and frees the one before.
   */
  replace(name: string, tensor: tf.Tensor): void {
    this.#tensors.get(name)?.dispose()
    this.#tensors.set(name, tf.keep(tensor))
    this.touch(this.entry(name).stage)
  }

  /** Notes that a stage's values have changed. */
  touch(stage: Stage): void {
    this.#revisions.set(stage, this.revision(stage) + 1)
  }

  /** Another number whenever a value of the stage has changed. */
  revision(stage: Stage): number {
    return this.#revisions.get(stage) ?? 0
  }

  /** Adds one to a batch norm's `num_batches_tracked`. */
  countBatch(batchNorm: string): void {
    const name = `${batchNorm}.num_batches_tracked`
    this.#counters.set(name, (this.#counters.get(name) ?? 0n) + 1n)
  }

  async read(names: Iterable<string> = this.#entries.keys()): Promise<Map<string, HostTensor>> {
    const state = new Map<string, HostTensor>()
    for (const name of names) {
      const { kind, shape } = this.entry(name)
      state.set(
        name,
        kind === 'num_batches_tracked'
          ? { dtype: 'I64', shape, data: BigInt64Array.of(this.#counters.get(name) ?? 0n) }
          : { dtype: 'F32', shape, data: toStateLayout(await floats(this.get(name)), shape) },
      )
    }
    return state
  }

  /** Bytes of all tensors. */
  get bytes(): number {
    let count = 0
    for (const entry of this.#entries.values()) count += elements(entry.shape)
    return 4 * count
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose()
    this.#tensors.clear()
  }
}

/** A float32 tensor's values. */
export async function floats(tensor: tf.Tensor): Promise<Float32Array> {
  const data = await tensor.data()
  if (!(data instanceof Float32Array)) throw new Error(`expected float32, found ${tensor.dtype}`)
  return data
}
