/**
 * Which engine is faster here: a short training step on each, about a second in all (and
 * where WebGPU is in reach of wasm, tuning its kernels once an adapter). Never by a device's name.
 */
import { elements, type HostTensor, LOCK_NONE, type StateDict, stateEntries } from '../model/index.ts'
import { createEngine, type EngineOptions } from './create.ts'
import type { EngineDescription, TrainStep } from './train-step.ts'

export interface ProbeResult {
  chosen: 'webgpu' | 'wasm'
  /** What the chosen engine says of its device, for people. */
  adapter: string
  /** Id of its kernels. */
  kernels?: string
  /** Measured photos a second of a training step (64 px, all layers); absent: not available here. */
  rates: { webgpu?: number; wasm?: number }
}

/** Opens an engine, or throws where it cannot run here. `tuned`: with kernels that were measured on the device. */
export type OpenForProbe = (engine: ProbeResult['chosen'], tuned: boolean) => Promise<TrainStep>

interface Batch {
  count: number
  size: number
}

/** The step that is measured. */
const WHOLE: Batch = { count: 8, size: 64 }
/** A sixteenth of the work: enough to compile everything, and to tell a software adapter. */
const SMALL: Batch = { count: 2, size: 32 }
/** Milliseconds for which WebGPU may compile before its first step is done; what takes longer is not waited for. */
const WARM_UP_LIMIT = 3000

/** What kernels are tuned for: such photos in the usual batch. */
const TUNING = { size: WHOLE.size, batch: 32 }
/** Without tuned kernels, WebGPU may take so many times as long as wasm and still be worth tuning. */
const IN_REACH = 2

/** Measures the engines of this browser. @throws where none runs. */
export const probe = (options: Pick<EngineOptions, 'wasmPaths'> = {}): Promise<ProbeResult> =>
  probeEngines((engine, tuned) => createEngine({ ...options, engine, ...(tuned && { tuning: TUNING }) }))

/** As `probe`, on engines that `open` gives; `now` in milliseconds. */
export async function probeEngines(open: OpenForProbe, now = () => performance.now()): Promise<ProbeResult> {
  const state = probeWeights()
  const wasm = await measured(
    () => open('wasm', false),
    state,
    async (engine) => {
      await step(engine, SMALL)
      return timed(now, () => step(engine, WHOLE))
    },
  )
  const limit = wasm?.milliseconds ?? WARM_UP_LIMIT
  const untuned = await measured(
    () => open('webgpu', false),
    state,
    (engine) => measureWebGpu(engine, limit, now),
  )
  const isInReach = untuned && untuned.milliseconds <= IN_REACH * limit
  const tuned = isInReach
    ? await measured(
        () => open('webgpu', true),
        state,
        (engine) => measureWhole(engine, IN_REACH * limit, now),
      )
    : null
  const webgpu = tuned && untuned && tuned.rate > untuned.rate ? tuned : untuned
  if (!wasm && !webgpu) throw new Error('neither WebGPU nor WebAssembly trains in this browser')
  const faster = webgpu && !(wasm && wasm.rate >= webgpu.rate)
  const fastest = faster ? webgpu : wasm
  return {
    chosen: faster ? 'webgpu' : 'wasm',
    adapter: fastest?.description.adapter ?? '',
    ...(fastest && { kernels: fastest.description.kernels }),
    rates: { ...(webgpu && { webgpu: webgpu.rate }), ...(wasm && { wasm: wasm.rate }) },
  }
}

/**
 * A small step first: where it takes a third of the time of wasm's whole one, the whole one would only keep the person
 * waiting. No step is waited for longer than twice as long as wasm's takes.
 * @returns milliseconds for the whole step, or what they are at least
 */
async function measureWebGpu(engine: TrainStep, limit: number, now: () => number): Promise<number> {
  await within(WARM_UP_LIMIT, step(engine, SMALL))
  const small = await timed(now, () => within(limit, step(engine, SMALL)))
  if (small > limit / 3) return Math.max(limit, small * workRatio)
  return measureWhole(engine, IN_REACH * limit, now)
}

async function measureWhole(engine: TrainStep, limit: number, now: () => number): Promise<number> {
  await within(WARM_UP_LIMIT, step(engine, WHOLE))
  return timed(now, () => within(limit, step(engine, WHOLE)))
}

const work = ({ count, size }: Batch) => count * size * size
const workRatio = work(WHOLE) / work(SMALL)

interface Measurement {
  milliseconds: number
  rate: number
  description: EngineDescription
}

/** null where the engine cannot run here, or not fast enough to be waited for. */
async function measured(
  open: () => Promise<TrainStep>,
  state: StateDict,
  measure: (engine: TrainStep) => Promise<number>,
): Promise<Measurement | null> {
  let engine: TrainStep | null = null
  try {
    engine = await open()
    await engine.load(state)
    await engine.configure({
      locked: LOCK_NONE,
      batchNorm: 'frozen',
      optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} },
      labelSmoothing: 0,
      microBatch: null,
    })
    const milliseconds = await measure(engine)
    return { milliseconds, rate: (1000 * WHOLE.count) / milliseconds, description: engine.description }
  } catch {
    return null
  } finally {
    // Not waited for: a step that took too long may still run.
    if (engine) Promise.resolve(engine[Symbol.asyncDispose]()).catch(() => undefined)
  }
}

/** Rates are positive: a clock may be too coarse to see a step. */
async function timed(now: () => number, run: () => Promise<unknown>): Promise<number> {
  const start = now()
  await run()
  return Math.max(now() - start, 0.1)
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}

function step(engine: TrainStep, { count, size }: Batch) {
  const pixels = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 97) % 251)
  return engine.step({ kind: 'photos', pixels, count, size }, new Int32Array(count), 1e-3)
}

/** Weights of a plausible size, so that no value of the step is denormal or infinite. */
function probeWeights(): StateDict {
  const state = new Map<string, HostTensor>()
  for (const { name, shape, kind } of stateEntries(2)) {
    if (kind === 'num_batches_tracked') {
      state.set(name, { dtype: 'I64', shape, data: new BigInt64Array(1) })
      continue
    }
    const data = new Float32Array(elements(shape))
    const bound = Math.sqrt(6 / elements(shape.slice(1)))
    if (shape.length === 1) data.fill(kind === 'weight' || kind === 'running_var' ? 1 : 0)
    else for (let i = 0; i < data.length; i++) data[i] = (((i * 7919) % 1009) / 504.5 - 1) * bound
    state.set(name, { dtype: 'F32', shape, data })
  }
  return state
}
