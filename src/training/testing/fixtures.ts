/** A small dataset, a loader of drawn pixels and a scripted engine, for tests of the loop. */
import type { PhotoBatch, Transform } from '../../augment/types.ts'
import type { Dataset, Sample, Split } from '../../dataset/types.ts'
import type {
  EngineDescription,
  Inputs,
  OptimizerState,
  StepConfig,
  StepResult,
  TrainStep,
} from '../../engine/train-step.ts'
import { type Boundary, boundaryValues, type InnerBoundary, type StateDict } from '../../model/index.ts'
import { stream } from '../../random/index.ts'
import { BUILTIN_WEIGHTS, presetRecipe, type Recipe } from '../../recipe/index.ts'
import type { WeightFile } from '../../weights/index.ts'
import { randomState } from '../../weights/random-state.ts'
import { MemoryStore } from '../checkpoint-store.ts'
import { Checkpoints } from '../checkpoints.ts'
import { RunControl } from '../control.ts'
import type { History, TrainEvent } from '../events.ts'
import { IN_MEMORY, type Keeping } from '../kept/keeping.ts'
import { RememberedFeatures } from '../kept/remembered.ts'
import { KeptRuns } from '../kept-runs.ts'
import type { Engines } from '../open-engine.ts'
import type { PhotoLoader } from '../photos.ts'
import type { Progress, Run } from '../run.ts'
import type { RunState } from '../run-state.ts'
import { Trainer } from '../trainer.ts'
import type { RunRequest } from '../trainer-api.ts'

/** `counts` photos a split, classes in turn. */
export function tinyDataset(counts: Partial<Record<Split, number>>, classes = 3): Dataset {
  const samples = (['train', 'valid', 'test'] as const).flatMap((split) =>
    Array.from({ length: counts[split] ?? 0 }, (_, i): Sample => {
      const path = `${split}/${i % classes}/${String(i).padStart(3, '0')}.png`
      return { path, split, label: i % classes, source: { kind: 'url', url: path } }
    }),
  )
  samples.sort((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1))
  const names = Array.from({ length: classes }, (_, i) => ({ id: `${i}`, name: `class ${i}` }))
  return { name: 'tiny', classes: names, samples, problems: [], ignored: 0, splitBySeed: false }
}

/** A recipe of 32 px photos with few, plain settings. */
export function tinyRecipe(change: Partial<Recipe> = {}): Recipe {
  const recipe = presetRecipe('course', 32)
  const { head, upper, all } = recipe.stages
  return {
    ...recipe,
    batch: 8,
    seed: 5,
    stages: { upper, head: { ...head, epochs: 2 }, all: { ...all, epochs: 2 } },
    ...change,
  }
}

/** Pixels drawn from the photo's path and, where it augments, from the transform; `broken` cannot be read. */
export class DrawnPhotos implements PhotoLoader {
  /** Photos asked for so far, by kind of transform. */
  readonly loaded = { train: 0, evaluate: 0 }
  readonly transforms: Transform[] = []
  readonly #broken: ReadonlySet<string>

  constructor(broken: Iterable<string> = []) {
    this.#broken = new Set(broken)
  }

  async *decode(samples: readonly Sample[]): AsyncGenerator<number> {
    for (const done of samples.keys()) yield done + 1
  }

  async *batches(lists: readonly (readonly Sample[])[], transform: Transform): AsyncGenerator<PhotoBatch> {
    this.transforms.push(transform)
    for (const list of lists) {
      this.loaded[transform.kind] += list.length
      yield this.#draw(list, transform)
    }
  }

  #draw(list: readonly Sample[], transform: Transform): PhotoBatch {
    const size = 32
    const readable = list.map((sample) => !this.#broken.has(sample.path))
    const rows = Int32Array.from(list.keys()).filter((index) => readable[index])
    const pixels = new Uint8Array(rows.length * size * size * 3)
    for (const [slot, row] of rows.entries()) {
      const { path, label } = list[row]
      const view = transform.kind === 'train' ? `${transform.seed} ${transform.stage} ${transform.epoch}` : ''
      const random = stream(path, view)
      const start = slot * size * size * 3
      // Each class has a colour of its own, under noise, so that there is something to learn.
      for (let i = 0; i < size * size * 3; i++)
        pixels[start + i] = 100 * random() + (i % 3 === label % 3 ? 120 : 20)
    }
    const failed = [...list.keys()]
      .filter((index) => !readable[index])
      .map((index) => ({ index, reason: 'not an image' }))
    return { pixels, size, rows, failed }
  }
}

/** Answers steps and predictions as told and records what it was asked. */
export class ScriptedEngine implements TrainStep {
  readonly description: EngineDescription
  readonly configured: StepConfig[] = []
  readonly loaded: StateDict[] = []
  readonly rates: number[] = []
  readonly stepCounts: number[] = []
  readonly stepKinds: Inputs['kind'][] = []
  predictedKinds: Inputs['kind'][] = []
  featured = 0
  stepsInFlight = 0
  mostInFlight = 0
  classes = 3
  onStep: (step: number) => Partial<StepResult> = () => ({})
  /** Logits of one sample (number `index` of the batch). */
  onPredict: (index: number, batch: number) => number[] = () => [1, 0, 0]
  #state: StateDict = new Map()

  constructor(kernels = 'scripted') {
    this.description = { engine: 'cpu', adapter: '', kernels }
  }

  async load(state: StateDict) {
    this.#state = state
    this.loaded.push(state)
  }

  async configure(config: StepConfig) {
    this.configured.push(config)
  }

  resetOptimizer() {}

  async step(inputs: Inputs, _labels: Int32Array, learningRate: number): Promise<StepResult> {
    const step = this.rates.push(learningRate)
    this.stepCounts.push(inputs.count)
    this.stepKinds.push(inputs.kind)
    this.mostInFlight = Math.max(this.mostInFlight, ++this.stepsInFlight)
    await new Promise((resolve) => setTimeout(resolve))
    this.stepsInFlight--
    return { loss: 1, correct: 0, finite: true, ...this.onStep(step) }
  }

  async predict(inputs: Inputs) {
    const batch = this.predictedKinds.push(inputs.kind)
    return Float32Array.from(Array.from({ length: inputs.count }, (_, i) => this.onPredict(i, batch)).flat())
  }

  async activations(inputs: Inputs, boundary: InnerBoundary) {
    this.featured += inputs.count
    return new Float32Array(inputs.count * boundaryValues(boundary, inputs.size))
  }

  /** Each read gives new objects. */
  async readState(names: readonly string[] = [...this.#state.keys()]) {
    return new Map(
      [...this.#state].filter(([name]) => names.includes(name)).map(([name, t]) => [name, { ...t }]),
    )
  }

  async readOptimizer(): Promise<OptimizerState> {
    return new Map()
  }

  async loadOptimizer() {}

  microBatchFor(count: number, _size?: number, _boundary?: Boundary) {
    return count
  }

  estimateBytes(_count: number, _size?: number, _boundary?: Boundary) {
    return 0
  }

  async gradients() {
    return new Map<string, Float32Array>()
  }

  async [Symbol.asyncDispose]() {}
}

/** A run with everything filled in; `kept` collects the states. */
export function tinyRun(change: Partial<Run>): { run: Run; kept: RunState[] } {
  const kept: RunState[] = []
  const run: Run = {
    engine: new ScriptedEngine(),
    photos: new DrawnPhotos(),
    recipe: tinyRecipe(),
    dataset: tinyDataset({ train: 20, valid: 6 }),
    stages: ['head', 'all'],
    control: new RunControl(),
    microBatch: null,
    keeping: IN_MEMORY,
    remembered: new RememberedFeatures(),
    photosKey: 'tiny',
    weights: 'tiny',
    keep: async (state) => void kept.push(state),
    ...change,
  }
  return { run, kept }
}

/** Complete weights for three classes. */
export const tinyBase: StateDict = randomState(3)

const tinyFile: WeightFile = {
  format: 'safetensors',
  state: tinyBase,
  classes: 3,
  metadata: { classes: null, preprocessing: null, recipe: null, accuracy: null, version: null },
}

/** The events of one type. */
export const ofType = <K extends TrainEvent['type']>(events: readonly TrainEvent[], type: K) =>
  events.filter((event): event is Extract<TrainEvent, { type: K }> => event.type === type)

/** A trainer in one thread, with engines that the test gives and checkpoints in memory. */
export function tinyTrainer(
  create: (options: Parameters<Engines['create']>[1]) => Promise<TrainStep>,
  store = new MemoryStore(),
  photos = new DrawnPhotos(),
  keeping: Keeping = IN_MEMORY,
  runStore = new MemoryStore(),
) {
  const events: TrainEvent[] = []
  const listeners: ((event: TrainEvent) => void)[] = []
  let engines = 0
  const trainer = new Trainer({
    engines: {
      create: (_engine, options) => {
        engines++
        return create(options)
      },
      probe: async () => ({ chosen: 'wasm', adapter: '', rates: { wasm: 1 } }),
    },
    checkpoints: new Checkpoints(store),
    runs: new KeptRuns(runStore),
    fetchBuiltin: async () => ({
      kind: 'builtin',
      name: 'tiny',
      bytes: 1,
      sha256: BUILTIN_WEIGHTS.sha256,
      file: tinyFile,
    }),
    photos: () => photos,
    keeping,
    emit(event) {
      events.push(event)
      for (const listener of listeners) listener(event)
    },
  })
  return {
    trainer,
    events,
    store,
    runStore,
    photos,
    get engines() {
      return engines
    },
    onEvent: (listener: (event: TrainEvent) => void) => void listeners.push(listener),
    /** The last event. */
    end: () => events[events.length - 1],
  }
}

export const tinyRequest = (change: Partial<RunRequest> = {}): RunRequest => ({
  recipe: tinyRecipe(),
  dataset: tinyDataset({ train: 20, valid: 6, test: 3 }),
  checkpointKey: 'tiny',
  ...change,
})

/** The history without what differs from run to run. */
export const timeless = ({ epochs, ...history }: History) => ({
  ...history,
  epochs: epochs.map(({ seconds, ...epoch }) => epoch),
})

/** Runs to the end; `onEvent` sees each event as it comes. */
export async function collect<T>(
  progress: Progress<T>,
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<{ events: TrainEvent[]; result: T }> {
  const events: TrainEvent[] = []
  for (;;) {
    const { value, done } = await progress.next()
    if (done) return { events, result: value }
    events.push(value)
    onEvent(value)
  }
}
