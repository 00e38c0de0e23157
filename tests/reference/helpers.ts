/**
 * PyTorch's reference values as checks of any `TrainStep`. README.md beside this file says where the numbers come
 * from and how close is right. Runs in Node and in a browser: it imports JSON files and no `node:` module.
 */
import { expect } from 'vitest'
import type { Inputs, OptimizerConfig, StepConfig, TrainStep } from '../../src/engine/train-step.ts'
import {
  elements,
  type FreezePlan,
  frozenPrefix,
  type HostTensor,
  LOCK_ALL,
  LOCK_NONE,
  type StateDict,
  stateEntries,
} from '../../src/model/index.ts'
import { stream } from '../../src/random/index.ts'
import weighted from './class-weights.json'
import reference from './resnet18.json'
import unlockingForks from './unlocking-forks.json'

/** Makes a fresh engine; each check disposes the one that it asks for. */
export type EngineFactory = () => Promise<TrainStep>

interface Trajectory {
  losses: number[]
  rates: number[]
  float32_drift?: number[]
}

export const CLASSES = reference.classes
export const BATCH = reference.batch
export const SIDE = reference.side
/** Of `trajectories`, those in which something rests. */
export const restingKeys = () => Object.keys(trajectories).filter((key) => !key.startsWith('all trained'))
export const trajectories: Readonly<Record<string, Trajectory>> = reference.trajectories

/** `count` draws of the stream called `name`, each given to `value` and rounded to float32. */
function draws(name: string, count: number, value: (u: number) => number): Float32Array {
  const random = stream(name)
  const values = new Float32Array(count)
  // Eleven million of them a network: `Float32Array.from` takes six times as long.
  for (let i = 0; i < count; i++) values[i] = value(random())
  return values
}

function initialValues(name: string, kind: string, shape: readonly number[]): Float32Array {
  const count = elements(shape)
  if (kind === 'running_var') return draws(name, count, (u) => 0.5 + u)
  if (kind === 'running_mean' || kind === 'bias') return draws(name, count, (u) => (u - 0.5) * 0.2)
  if (shape.length === 1) return draws(name, count, (u) => 0.2 + 0.4 * u)
  const bound = Math.sqrt(6 / elements(shape.slice(1)))
  return draws(name, count, (u) => (u - 0.5) * 2 * bound * (name === 'fc.weight' ? 0.5 : 1))
}

let drawn: StateDict | undefined

/** The network that the reference starts from: five classes, PyTorch's layouts. Its values are shared: not to be written. */
export function referenceState(): StateDict {
  drawn ??= drawState()
  return new Map(drawn)
}

function drawState(): StateDict {
  const state = new Map<string, HostTensor>()
  for (const { name, kind, shape } of stateEntries(CLASSES))
    state.set(
      name,
      kind === 'num_batches_tracked'
        ? { dtype: 'I64', shape, data: new BigInt64Array(1) }
        : { dtype: 'F32', shape, data: initialValues(name, kind, shape) },
    )
  return state
}

/** Batch k of the reference as NHWC: four photos of 64 px and their labels. */
export function referenceBatch(k: number): { inputs: Inputs; labels: Int32Array } {
  const nchw = draws(`input${k}`, BATCH * 3 * SIDE * SIDE, (u) => (u - 0.5) * 4)
  const values = new Float32Array(nchw.length)
  const area = SIDE * SIDE
  for (let image = 0; image < BATCH; image++)
    for (let channel = 0; channel < 3; channel++)
      for (let pixel = 0; pixel < area; pixel++)
        values[(image * area + pixel) * 3 + channel] = nchw[(image * 3 + channel) * area + pixel]
  return {
    inputs: { kind: 'normalized', values, count: BATCH, size: SIDE },
    labels: Int32Array.from({ length: BATCH }, (_, i) => (k + 2 * i) % CLASSES),
  }
}

const ADAM: OptimizerConfig = { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} }
const SGD: OptimizerConfig = { kind: 'sgd', weightDecay: 0, momentum: 0, stageScale: {} }

export const stepConfig = (change: Partial<StepConfig>): StepConfig => ({
  locked: LOCK_NONE,
  batchNorm: 'frozen',
  optimizer: SGD,
  labelSmoothing: 0,
  microBatch: null,
  ...change,
})

async function prepared(make: EngineFactory, change: Partial<StepConfig>): Promise<TrainStep> {
  const engine = await make()
  await engine.load(referenceState())
  await engine.configure(stepConfig(change))
  return engine
}

function within(value: number, expected: number, bound: number, what: string): void {
  expect(Math.abs(value - expected), `${what}: ${value} where PyTorch gives ${expected}`).toBeLessThanOrEqual(
    bound,
  )
}

/** The first values of an entry, each within `bound`. */
async function checkFirst(
  engine: TrainStep,
  name: string,
  expected: readonly number[],
  bound: number,
): Promise<void> {
  const { data } = (await engine.readState([name])).get(name)!
  expected.forEach((value, i) => {
    within(Number(data[i]), value, bound, `${name}[${i}]`)
  })
}

/** Mean cross entropy of logits [count, classes]. */
export function crossEntropy(logits: Float32Array, labels: Int32Array): number {
  const classes = logits.length / labels.length
  let sum = 0
  labels.forEach((label, row) => {
    const values = logits.subarray(row * classes, (row + 1) * classes)
    const largest = Math.max(...values)
    sum += largest + Math.log(values.reduce((s, z) => s + Math.exp(z - largest), 0)) - values[label]
  })
  return sum / labels.length
}

/** Every batch norm in train mode, and no gradient behind `fc`: the same forward pass without a backward one. */
export const FORWARD_ONLY: Partial<StepConfig> = { locked: LOCK_ALL, batchNorm: 'tutorial' }

/** Eval logits, pooled features, eval loss and train-mode loss of the first batch, each within 1e-4. */
export async function checkForward(make: EngineFactory, config: Partial<StepConfig> = {}): Promise<void> {
  await using engine = await prepared(make, config)
  const { inputs, labels } = referenceBatch(0)
  const { eval: evaluated, train } = reference.forward
  const logits = await engine.predict(inputs)
  evaluated.logits.flat().forEach((value, i) => {
    within(logits[i], value, 1e-4, `eval logit ${i}`)
  })
  within(crossEntropy(logits, labels), evaluated.loss, 1e-4, 'eval loss')
  const features = await engine.activations(inputs, 5)
  expect(features).toHaveLength(BATCH * 512)
  evaluated.taps.avgpool.first.forEach((value, i) => {
    within(features[i], value, 1e-4, `feature ${i}`)
  })
  const result = await engine.step(inputs, labels, 0)
  within(result.loss, train.loss, 1e-4, 'train-mode loss')
  const right = train.logits.filter((row, i) => row.indexOf(Math.max(...row)) === labels[i]).length
  expect(result.correct).toBe(right)
  expect(result.finite).toBe(true)
}

/** Every gradient in train mode: norm within 0.1 %, probe within 0.2 % of the norm, first values within 1e-3 of the largest. */
export async function checkGradients(make: EngineFactory): Promise<void> {
  await using engine = await prepared(make, {})
  const { inputs, labels } = referenceBatch(0)
  const gradients = await engine.gradients(inputs, labels)
  const expected = Object.entries(reference.forward.gradients)
  expect([...gradients.keys()].sort()).toEqual(expected.map(([name]) => name).sort())
  for (const [name, { l2, probe, first }] of expected) {
    const gradient = gradients.get(name)!
    const random = stream(`probe:${name}`)
    let square = 0
    let dot = 0
    for (const g of gradient) {
      square += g * g
      dot += g * (2 * random() - 1)
    }
    within(Math.sqrt(square), l2, 1e-3 * l2, `norm of ${name}`)
    within(dot, probe, 2e-3 * l2, `probe of ${name}`)
    const largest = Math.max(...first.map(Math.abs))
    first.forEach((value, i) => {
      within(gradient[i], value, 1e-3 * largest, `gradient of ${name}[${i}]`)
    })
  }
}

/** Running statistics (momentum 0.1, unbiased variance) and their counters after one train-mode pass. */
export async function checkRunningStatistics(
  make: EngineFactory,
  config: Partial<StepConfig> = {},
): Promise<void> {
  await using engine = await prepared(make, config)
  const { inputs, labels } = referenceBatch(0)
  await engine.step(inputs, labels, 0)
  for (const [name, first] of Object.entries(reference.forward.running))
    await checkFirst(engine, name, first, 1e-4)
  const counters = await engine.readState(['bn1.num_batches_tracked', 'layer4.1.bn2.num_batches_tracked'])
  for (const { data } of counters.values()) expect(data[0]).toBe(1n)
}

const FREEZE: Record<string, FreezePlan> = {
  'all trained': LOCK_NONE,
  'head only': LOCK_ALL,
  'from layer3 on': ['stem', 'layer1', 'layer2'],
}

export function optimizerOf(text: string): OptimizerConfig {
  const number = (key: string) => Number(new RegExp(`${key}=(\\S+)`).exec(text)?.[1] ?? 0)
  const kind = (['adamw', 'adam', 'sgd'] as const).find((name) => text.startsWith(name))!
  return { kind, weightDecay: number('weight_decay'), momentum: number('momentum'), stageScale: {} }
}

const lossBound = (expected: number, step: number, adaptive: boolean, drift: number): number =>
  adaptive && step >= 2 ? Math.max(0.02 * expected, 10 * drift) : 1e-3

function checkLoss(loss: number, expected: number, step: number, adaptive: boolean, drift: number): void {
  within(loss, expected, lossBound(expected, step, adaptive, drift), `loss of step ${step + 1}`)
}

/** `toEqual` takes minutes over eleven million values. */
const sameValues = (a: HostTensor['data'], b: HostTensor['data']): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i])

/**
 * Ten optimizer steps, by a key of `trajectories`: `freeze setting | optimizer [| label_smoothing=x]`. With `keep`, what
 * rests is computed once for each batch, and `keep` gives what has become of it where it was kept; `slack`: by what share
 * of a loss that may move it, where that is more than the reference's bound.
 */
export async function checkTrajectory(
  make: EngineFactory,
  key: string,
  keep?: (values: Float32Array) => Float32Array,
  slack = 0,
): Promise<void> {
  const [freeze, optimizerText, smoothing] = key.split(' | ')
  const optimizer = optimizerOf(optimizerText)
  const { losses, rates, float32_drift } = trajectories[key]
  const locked = FREEZE[freeze]
  await using engine = await prepared(make, {
    locked,
    optimizer,
    labelSmoothing: smoothing ? Number(smoothing.split('=')[1]) : 0,
  })
  const batches = [0, 1, 2].map(referenceBatch)
  const boundary = frozenPrefix(locked)
  if (keep && boundary !== 0)
    for (const batch of batches) {
      const { count, size } = batch.inputs
      const values = keep(await engine.activations(batch.inputs, boundary))
      batch.inputs = { kind: 'activations', boundary, values, count, size }
    }
  for (const [step, expected] of losses.entries()) {
    const { inputs, labels } = batches[step % 3]
    const { loss } = await engine.step(inputs, labels, rates[step])
    const bound = lossBound(expected, step, optimizer.kind !== 'sgd', float32_drift?.[step] ?? 0)
    within(loss, expected, Math.max(bound, slack * expected), `loss of step ${step + 1}`)
  }
  const lockedNames = stateEntries(CLASSES)
    .filter((entry) => (locked as readonly string[]).includes(entry.stage))
    .map((entry) => entry.name)
  const before = referenceState()
  for (const [name, { data }] of await engine.readState(lockedNames))
    expect(sameValues(data, before.get(name)!.data), `${name} is locked`).toBe(true)
}

/** Ten steps with class weights, by name. */
const weightedTrajectories = new Map(
  weighted.trajectories.map((trajectory) => {
    const { freeze, label_smoothing, portion } = trajectory
    return [`${freeze}, label smoothing ${label_smoothing}, ${portion} photos at a time`, trajectory]
  }),
)

/** Of the trajectories with class weights: all, or those of a freeze setting, or of portions of the batch. */
export const weightedNames = ({
  freeze,
  inPortions,
}: {
  freeze?: string
  inPortions?: boolean
} = {}): string[] =>
  [...weightedTrajectories].flatMap(([name, trajectory]) => {
    const fits =
      (freeze ?? trajectory.freeze) === trajectory.freeze &&
      (inPortions ?? trajectory.portion < BATCH) === trajectory.portion < BATCH
    return fits ? [name] : []
  })

/**
 * Ten SGD steps whose classes count differently, by a name of `weightedNames`, every loss within 1e-4: the gradient has to
 * be right, too, for the second and all that follow.
 * @param microBatch where batch norm learns from no photo any gives the same; by default the trajectory's portion
 * @param keep what rests is computed once for each batch
 */
export async function checkClassWeights(
  make: EngineFactory,
  name: string,
  { microBatch, keep = false }: { microBatch?: number; keep?: boolean } = {},
): Promise<void> {
  const { freeze, optimizer, label_smoothing, portion, losses, rates } = weightedTrajectories.get(name)!
  const locked = FREEZE[freeze]
  await using engine = await prepared(make, {
    locked,
    optimizer: optimizerOf(optimizer),
    labelSmoothing: label_smoothing,
    classWeights: weighted.weights,
    microBatch: microBatch ?? (portion < BATCH ? portion : null),
  })
  const batches = [0, 1, 2].map(referenceBatch)
  const boundary = frozenPrefix(locked)
  if (keep && boundary !== 0)
    for (const batch of batches) {
      const { count, size } = batch.inputs
      const values = await engine.activations(batch.inputs, boundary)
      batch.inputs = { kind: 'activations', boundary, values, count, size }
    }
  for (const [step, expected] of losses.entries()) {
    const { inputs, labels } = batches[step % 3]
    const { loss } = await engine.step(inputs, labels, rates[step])
    within(loss, expected, 1e-4, `loss of step ${step + 1}`)
  }
}

/**
 * Adam; layer3 joins after five steps with a step count of its own. Rounding decides which way it goes, in PyTorch as well
 * (unlocking_forks.py): the losses follow one of PyTorch's runs from the first to the last.
 */
export async function checkUnlocking(make: EngineFactory): Promise<void> {
  const locked: FreezePlan = ['stem', 'layer1', 'layer2', 'layer3']
  await using engine = await prepared(make, { locked, optimizer: ADAM })
  const batches = [0, 1, 2].map(referenceBatch)
  const own = reference.unlocking.losses
  const losses: number[] = []
  for (let step = 0; step < own.length; step++) {
    if (step === 5) await engine.configure(stepConfig({ locked: locked.slice(0, 3), optimizer: ADAM }))
    const { inputs, labels } = batches[step % 3]
    losses.push((await engine.step(inputs, labels, 1e-3)).loss)
  }
  const follows = (expected: readonly number[]): boolean =>
    losses.every((loss, step) => Math.abs(loss - expected[step]) <= lossBound(expected[step], step, true, 0))
  const off = losses.map((loss, step) => `${(100 * (loss / own[step] - 1)).toFixed(2)} %`)
  expect([own, ...unlockingForks].some(follows), `losses beside PyTorch's: ${off.join(', ')}`).toBe(true)
  const optimizer = await engine.readOptimizer()
  expect(optimizer.get('fc.weight')!.step).toBe(10)
  expect(optimizer.get('layer3.1.conv2.weight')!.step).toBe(5)
}

/** All weights but `fc` frozen, every batch norm in train mode and updating. */
export async function checkTutorial(make: EngineFactory): Promise<void> {
  await using engine = await prepared(make, { locked: LOCK_ALL, batchNorm: 'tutorial', optimizer: ADAM })
  const batches = [0, 1, 2].map(referenceBatch)
  for (const [step, expected] of reference.tutorial.losses.entries()) {
    const { inputs, labels } = batches[step % 3]
    const { loss } = await engine.step(inputs, labels, 1e-3)
    checkLoss(loss, expected, step, true, 0)
  }
  for (const name of ['bn1.running_mean', 'layer4.1.bn2.running_var'] as const)
    await checkFirst(engine, name, reference.tutorial[name], 1e-4)
}
