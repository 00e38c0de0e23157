/**
 * The network's layers as `HeapFoldedLayers` and `TrainingLayers` run them, on a heap that only counts: the same tensors
 * in the same order.
 */
import type { ConvolutionSpec, Stage } from '../../../model/index.ts'
import type { Layers, UnitOptions } from '../network.ts'
import { methodFor } from './convolution.ts'
import { type Shape, shapeOf } from './convolution-method.ts'
import { winograd } from './convolution-winograd.ts'
import type { CountedHeap, CountedTensor } from './counted-heap.ts'
import { smallWinogradScratch } from './small-winograd.ts'
import { addGradient, Tape } from './tape.ts'

function shapeFor({ shape }: CountedTensor, spec: ConvolutionSpec): Shape {
  const [count, height, width, channels] = shape
  return shapeOf(spec, [count, height, width, channels], spec.outChannels)
}

const filterSize = ({ kernel, inChannels, outChannels }: ConvolutionSpec) =>
  kernel * kernel * inChannels * outChannels

const output = (heap: CountedHeap, { count, outHeight, outWidth, outChannels }: Shape) =>
  heap.empty(count, outHeight, outWidth, outChannels)

function maxPool(heap: CountedHeap, { shape: [count, height, width, channels] }: CountedTensor) {
  return heap.empty(count, Math.ceil(height / 2), Math.ceil(width / 2), channels)
}

const averagePool = (heap: CountedHeap, { shape: [count, , , channels] }: CountedTensor) =>
  heap.empty(count, 1, 1, channels)

export class CountedFoldedLayers implements Layers<CountedTensor> {
  readonly #heap: CountedHeap
  readonly #held = new Map<string, CountedTensor[]>()

  constructor(heap: CountedHeap) {
    this.#heap = heap
  }

  unit(x: CountedTensor, spec: ConvolutionSpec): CountedTensor {
    const shape = shapeFor(x, spec)
    if (!this.#held.has(spec.name)) {
      const lengths = [filterSize(spec), spec.outChannels, methodFor(shape).packedSize(shape)]
      this.#held.set(
        spec.name,
        lengths.map((length) => this.#heap.keep(this.#heap.empty(length))),
      )
    }
    const y = output(this.#heap, shape)
    this.#heap.borrow(methodFor(shape).forwardScratch(shape))
    return y
  }

  maxPool(x: CountedTensor): CountedTensor {
    return maxPool(this.#heap, x)
  }

  averagePool(x: CountedTensor): CountedTensor {
    return averagePool(this.#heap, x)
  }

  part(x: CountedTensor, run: (x: CountedTensor) => CountedTensor): CountedTensor {
    const y = this.#heap.tidy(() => run(x))
    this.#heap.dispose(x)
    return y
  }

  release(name: string): void {
    for (const tensor of this.#held.get(name) ?? []) this.#heap.dispose(tensor)
    this.#held.delete(name)
  }
}

export interface CountedPlan {
  trains(stage: Stage): boolean
  usesBatchStatistics(stage: Stage): boolean
}

export class CountedTrainingLayers implements Layers<CountedTensor> {
  readonly #heap: CountedHeap
  readonly #folded: CountedFoldedLayers
  readonly #plan: CountedPlan
  /** By parameter name. */
  readonly #sums: Map<string, CountedTensor>
  readonly #tape: Tape<CountedTensor>

  constructor(
    heap: CountedHeap,
    folded: CountedFoldedLayers,
    plan: CountedPlan,
    sums: Map<string, CountedTensor>,
  ) {
    this.#heap = heap
    this.#folded = folded
    this.#plan = plan
    this.#sums = sums
    this.#tape = new Tape(heap)
  }

  unit(x: CountedTensor, spec: ConvolutionSpec, options: UnitOptions<CountedTensor>): CountedTensor {
    const inputs = options.shortcut ? [x, options.shortcut] : [x]
    return this.#plan.usesBatchStatistics(spec.stage)
      ? this.#batchNormUnit(x, spec, inputs, options.relu)
      : this.#lockedUnit(x, spec, inputs, options.relu)
  }

  maxPool(x: CountedTensor): CountedTensor {
    const y = maxPool(this.#heap, x)
    this.#tape.note([x], y, [x, y], (dy) => {
      const dx = this.#heap.empty(...x.shape)
      this.#heap.dispose(dy)
      this.#tape.give(x, dx)
    })
    return y
  }

  averagePool(x: CountedTensor): CountedTensor {
    const y = averagePool(this.#heap, x)
    this.#tape.note([x], y, [], (dy) => {
      const dx = this.#heap.empty(...x.shape)
      this.#heap.dispose(dy)
      this.#tape.give(x, dx)
    })
    return y
  }

  part(x: CountedTensor, run: (x: CountedTensor) => CountedTensor): CountedTensor {
    const y = this.#heap.tidy(() => run(x))
    if (!this.#tape.isHeld(x)) this.#heap.dispose(x)
    return y
  }

  /** The pooled features' gradient and what follows from it. */
  backward(y: CountedTensor): void {
    if (this.#tape.isDifferentiable(y)) this.#tape.backward(y, this.#heap.empty(...y.shape))
    else this.#tape.dispose()
  }

  addGradient(name: string, size: number): void {
    addGradient(this.#heap, this.#sums, name, this.#heap.empty(size))
  }

  #batchNormUnit(
    x: CountedTensor,
    spec: ConvolutionSpec,
    inputs: CountedTensor[],
    relu: boolean,
  ): CountedTensor {
    const heap = this.#heap
    const shape = shapeFor(x, spec)
    const method = methodFor(shape)
    const trains = this.#plan.trains(spec.stage)
    const z = this.#forward(shape)
    const records = trains || inputs.some((input) => this.#tape.isDifferentiable(input))
    const y = records ? output(heap, shape) : z
    const goBack = (dy: CountedTensor) => {
      this.#tape.giveShortcut(inputs[1], dy)
      const input = this.#tape.isDifferentiable(x)
      if (trains) this.#addConvolution(spec)
      const dx = input ? heap.empty(...x.shape) : null
      heap.borrow(method.backwardScratch(shape, { filter: trains, input }))
      if (dx) this.#tape.give(x, dx)
      this.#tape.free(z)
    }
    this.#tape.note(inputs, y, relu ? [x, y, z] : [x, z], goBack, trains)
    return y
  }

  /** See `forward` in convolution.ts. */
  #forward(shape: Shape): CountedTensor {
    const method = methodFor(shape)
    if (method === winograd) {
      const z = output(this.#heap, shape)
      this.#heap.borrow(smallWinogradScratch(shape))
      return z
    }
    const panels = this.#heap.empty(method.packedSize(shape))
    const z = output(this.#heap, shape)
    this.#heap.borrow(method.forwardScratch(shape))
    this.#heap.dispose(panels)
    return z
  }

  #lockedUnit(
    x: CountedTensor,
    spec: ConvolutionSpec,
    inputs: CountedTensor[],
    relu: boolean,
  ): CountedTensor {
    const y = this.#folded.unit(x, spec)
    this.#tape.note(inputs, y, relu ? [y] : [], (dy) => {
      const shape = shapeFor(x, spec)
      const dx = this.#heap.empty(...x.shape)
      this.#heap.borrow(methodFor(shape).backwardScratch(shape, { filter: false, input: true }))
      this.#tape.giveShortcut(inputs[1], dy)
      this.#tape.give(x, dx)
    })
    return y
  }

  #addConvolution({ name, batchNorm, ...spec }: ConvolutionSpec): void {
    this.addGradient(`${name}.weight`, filterSize({ name, batchNorm, ...spec }))
    this.addGradient(`${batchNorm}.weight`, spec.outChannels)
    this.addGradient(`${batchNorm}.bias`, spec.outChannels)
  }
}
