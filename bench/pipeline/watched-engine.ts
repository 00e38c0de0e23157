/** An engine whose steps are watched: when at least one was in flight. */
import type { Inputs, StepResult, TrainStep } from '../../src/engine/index.ts'
import { FEATURES_BOUNDARY } from '../../src/model/index.ts'

export interface Spell {
  /** performance.now() */
  from: number
  to: number
}

export class WatchedEngine implements TrainStep {
  /** One entry for each spell in which steps were in flight without a gap. */
  readonly busy: Spell[] = []
  #inFlight = 0

  /** @param features replaces the backbone's, for runs that are only about the head. */
  constructor(
    private readonly engine: TrainStep,
    private readonly givenFeatures?: (count: number) => Float32Array,
  ) {}

  get description() {
    return this.engine.description
  }

  get pipelineDepth() {
    return this.engine.pipelineDepth
  }

  [Symbol.asyncDispose]() {
    return this.engine[Symbol.asyncDispose]()
  }

  async step(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult> {
    if (this.#inFlight++ === 0) this.busy.push({ from: performance.now(), to: 0 })
    try {
      return await this.engine.step(inputs, labels, learningRate)
    } finally {
      if (--this.#inFlight === 0) this.busy[this.busy.length - 1].to = performance.now()
    }
  }

  activations: TrainStep['activations'] = async (inputs, boundary) =>
    this.givenFeatures && boundary === FEATURES_BOUNDARY
      ? this.givenFeatures(inputs.count)
      : this.engine.activations(inputs, boundary)

  load: TrainStep['load'] = (state) => this.engine.load(state)
  configure: TrainStep['configure'] = (config) => this.engine.configure(config)
  resetOptimizer = () => this.engine.resetOptimizer()
  predict: TrainStep['predict'] = (inputs) => this.engine.predict(inputs)
  readState: TrainStep['readState'] = (names) => this.engine.readState(names)
  readOptimizer: TrainStep['readOptimizer'] = () => this.engine.readOptimizer()
  loadOptimizer: TrainStep['loadOptimizer'] = (state) => this.engine.loadOptimizer(state)
  microBatchFor: TrainStep['microBatchFor'] = (...of) => this.engine.microBatchFor(...of)
  estimateBytes: TrainStep['estimateBytes'] = (...of) => this.engine.estimateBytes(...of)
  gradients: TrainStep['gradients'] = (inputs, labels) => this.engine.gradients(inputs, labels)
}
