/** What each part of the bench measures, as rows. */
import type { Page } from 'playwright-core'
import type { Part } from './arguments.ts'
import { compareSteps, type MeasuredStep } from './compare.ts'
import { buildPipelineSite, type PipelineSite } from './pipeline/browser.ts'
import { benchLoader } from './pipeline/loader.ts'
import { benchHeadEpoch, benchIdle } from './pipeline/training.ts'
import { benchWebcam } from './pipeline/webcam.ts'
import {
  type CoresTiming,
  FREEZE_TABLE,
  KINDS,
  type Kind,
  type MemoryAfterRuns,
  type MemoryEstimate,
  type PageEngine,
} from './protocol.ts'
import { timePyTorch } from './pytorch.ts'
import { plain, type Row, row, share } from './report.ts'
import { TARGETS } from './targets.ts'

export interface Context {
  page: Page
  /** A Python with torch and torchvision, or null. */
  python: string | null
}

const STOCK = 'TF.js WebGPU'
const JAX = 'jax-js 0.1.25'
/** Two roundings of one sum differ by less, as a share of the largest value. */
const MOST_DIFFERENCE = 1e-4
const MEGABYTE = 1e6
const ENGINES: readonly { engine: PageEngine; name: string }[] = [
  { engine: 'webgpu', name: 'plan' },
  { engine: 'wasm', name: 'wasm' },
]

export const RUN: Record<Part, (context: Context) => Promise<Row[]>> = {
  jax: ({ page }) => convolutions(page, 'jax', ['forward']),
  conv: ({ page }) => convolutions(page, 'stock', KINDS),
  gradients: ({ page }) => gradients(page),
  step: usualSteps,
  large: largeSteps,
  async dispatches({ page }) {
    const ours = await page.evaluate(() => window.bench.countDispatches(64, 8))
    const shape = 'all layers, batch norm in train mode, Adam'
    return [plain({ what: 'plan dispatches a step', shape, unit: 'dispatches', ours }, TARGETS.dispatches)]
  },
  memory,
  async runs({ page }) {
    const gpu = await page.evaluate(() => window.bench.planMemoryAfterRuns())
    const heap = await page.evaluate(() => window.bench.wasmMemoryAfterRuns())
    return [grown('GPU memory after 3 runs', gpu), grown('wasm heap after 3 runs', heap)]
  },
  async script({ page }) {
    const { milliseconds: ours } = await page.evaluate(() => window.bench.timeScript(64, 8))
    const shape = '64 px, batch 8, all layers'
    return [plain({ what: 'plan JavaScript a step', shape, unit: 'ms', ours }, TARGETS.scriptTime)]
  },
  head: () => inPipeline(benchHeadEpoch),
  idle: () => inPipeline(benchIdle),
  freeze: ({ page }) =>
    eachEngine(async (engine, name) => {
      const timings = await page.evaluate((e) => window.bench.timeFreezePlans(e, 64, 8), engine)
      return timings.map(({ milliseconds: ours }, i) =>
        plain({
          what: `${name} step, trains ${FREEZE_TABLE[i].name}`,
          shape: '64 px, batch 8',
          unit: 'ms',
          ours,
        }),
      )
    }),
  async webcam({ page }) {
    const whole = await inPipeline(benchWebcam)
    const predicted = await eachEngine(async (engine, name) => {
      const rows: Row[] = []
      for (const size of [64, 224]) {
        const asked = [engine, size] as const
        const { milliseconds: ours } = await page.evaluate(([e, s]) => window.bench.timePhoto(e, s), asked)
        rows.push(plain({ what: `${name} photo to logits`, shape: `${size} px`, unit: 'ms', ours }))
      }
      return rows
    })
    return [...whole, ...predicted]
  },
  wasm: wasmEngine,
  loader: ({ python }) => (python ? inPipeline((site) => benchLoader(site, python)) : Promise.resolve([])),
}

async function inPipeline(measure: (site: PipelineSite) => Promise<Row[]>): Promise<Row[]> {
  await using site = await buildPipelineSite()
  return await measure(site)
}

async function eachEngine(measure: (engine: PageEngine, name: string) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for (const { engine, name } of ENGINES) rows.push(...(await measure(engine, name)))
  return rows
}

async function convolutions(page: Page, peer: 'stock' | 'jax', kinds: readonly Kind[]): Promise<Row[]> {
  const rows: Row[] = []
  const count = await page.evaluate(() => window.bench.convolutions())
  for (const kind of kinds)
    for (let index = 0; index < count; index++) {
      const asked = [index, kind, peer] as const
      const timing = await page.evaluate(([i, k, p]) => window.bench.timeConvolution(i, k, p), asked)
      if (!timing) continue
      if (!(timing.difference < MOST_DIFFERENCE))
        throw new Error(`${kind}, ${timing.shape}: the two results differ by ${timing.difference}`)
      const target = peer === 'jax' ? TARGETS.convolutionBesideJax : null
      const name = peer === 'jax' ? JAX : STOCK
      rows.push(row(`plan conv ${kind}`, timing.shape, timing.ours, timing.peer, name, target))
    }
  return rows
}

async function gradients(page: Page): Promise<Row[]> {
  const rows: Row[] = []
  const count = await page.evaluate(() => window.bench.convolutions())
  for (let index = 0; index < count; index++) {
    const timing = await page.evaluate((i) => window.bench.timeGradients(i), index)
    if (!timing) continue
    const { shape, forward, inputGradient, filterGradient } = timing
    const of = (what: string, ours: number, target: Parameters<typeof share>[3]) =>
      share({ what: `plan conv ${what} / forward`, shape, unit: 'ms', ours }, forward, 'forward', target)
    rows.push(
      of('filter gradient', filterGradient, TARGETS.filterGradientByForward),
      of('input gradient', inputGradient, TARGETS.inputGradientByForward),
    )
  }
  return rows
}

async function step(page: Page, by: MeasuredStep['by'], engine: PageEngine, size: number, batch: number) {
  const asked = [engine, size, batch] as const
  const timing = await page.evaluate(([e, s, b]) => window.bench.timeStep(e, s, b), asked)
  const { milliseconds, loss } = timing
  const name = by === 'stock' ? STOCK : by
  return announced({ by, name, size, batch, milliseconds, loss }, timing.samples)
}

function announced(measured: MeasuredStep, samples: number): MeasuredStep {
  const { name, size, batch, milliseconds, loss } = measured
  const times = samples === 1 ? 'once' : `median of ${samples}`
  console.log(
    `step, ${size} px, batch ${batch}  ${name}: ${milliseconds.toFixed(0)} ms (${times}), first loss ${loss.toFixed(5)}`,
  )
  return measured
}

async function usualSteps({ page, python }: Context): Promise<Row[]> {
  const steps: MeasuredStep[] = []
  for (const batch of [8, 32]) {
    steps.push(await step(page, 'plan', 'webgpu', 64, batch))
    steps.push(await step(page, 'wasm', 'wasm', 64, batch))
    // Stock WebGPU takes minutes for more.
    if (batch === 8) steps.push(await step(page, 'stock', 'stock-webgpu', 64, batch))
  }
  if (python) {
    const { version, steps: theirs } = await timePyTorch(python, [8, 32])
    for (const { batch, milliseconds, loss, samples } of theirs) {
      const name = `PyTorch ${version}, one thread`
      steps.push(announced({ by: 'pytorch', name, size: 64, batch, milliseconds, loss }, samples))
    }
  }
  return compareSteps(steps)
}

async function largeSteps({ page }: Context): Promise<Row[]> {
  const steps = [await step(page, 'plan', 'webgpu', 224, 4), await step(page, 'wasm', 'wasm', 224, 4)]
  return compareSteps([...steps, await step(page, 'stock', 'stock-webgpu', 224, 4)])
}

async function memory({ page }: Context): Promise<Row[]> {
  const one = await page.evaluate(() => window.bench.planMemory(224, 1))
  const batch = await page.evaluate(() => window.bench.planMemory(224, 32))
  const heaps = await heapEstimates(page)
  const row = (what: string, shape: string, bytes: number, target: Parameters<typeof plain>[1] = null) =>
    plain({ what, shape, unit: 'MB', ours: bytes / MEGABYTE }, target)
  return [
    row(
      'plan peak above weights, gradients, Adam',
      '224 px, one photo, all layers',
      one.peak - one.persistent,
      TARGETS.photoMemory,
    ),
    row('plan whole peak', '224 px, batch 32, all layers, Adam', batch.peak, TARGETS.batchMemory),
    estimated('plan', '224 px, batch 32', batch),
    estimated('wasm', `${heaps.shape}, the worst of ${HEAPS.length + SHARED_HEAPS.length}`, heaps.memory),
  ]
}

/** Runs on wasm whose estimate is held against what they take. */
const HEAPS: readonly { size: number; batch: number; trains: string }[] = [
  { size: 64, batch: 8, trains: 'only fc' },
  { size: 64, batch: 32, trains: 'last stage' },
  { size: 64, batch: 32, trains: 'all layers' },
  { size: 64, batch: 128, trains: 'all layers' },
  { size: 224, batch: 4, trains: 'all layers' },
  { size: 224, batch: 16, trains: 'last stage' },
]

/** Runs of two engines that share each batch. */
const SHARED_HEAPS: readonly { size: number; batch: number }[] = [
  { size: 64, batch: 32 },
  { size: 64, batch: 128 },
]

/** The run whose estimate is the farthest away. */
async function heapEstimates(page: Page): Promise<HeapEstimate> {
  const measured: HeapEstimate[] = []
  const note = (shape: string, memory: MemoryEstimate): void => {
    const [estimate, peak] = [memory.estimate, memory.peak].map((bytes) => (bytes / MEGABYTE).toFixed(0))
    console.log(`wasm heap, ${shape}: estimated ${estimate} MB, took ${peak} MB`)
    measured.push({ shape, memory })
  }
  for (const { size, batch, trains } of HEAPS) {
    const locked = FREEZE_TABLE.find(({ name }) => name === trains)?.locked ?? []
    const asked = [size, batch, locked] as const
    const memory = await page.evaluate(([s, b, l]) => window.bench.wasmMemory(s, b, l), asked)
    note(`${size} px, batch ${batch}, ${trains}`, memory)
  }
  for (const { size, batch } of SHARED_HEAPS) {
    const both = { estimate: 0, peak: 0 }
    for (const rank of [0, 1] as const) {
      const asked = [size, batch / 2, rank] as const
      const one = await page.evaluate(([s, p, r]) => window.bench.wasmSharingMemory(s, p, r), asked)
      both.estimate += one.estimate
      both.peak += one.peak
    }
    note(`${size} px, batch ${batch}, all layers, two workers`, both)
  }
  return measured.reduce((worst, next) => (away(next.memory) > away(worst.memory) ? next : worst))
}

interface HeapEstimate {
  shape: string
  memory: MemoryEstimate
}

const away = ({ estimate, peak }: MemoryEstimate): number => Math.abs(estimate / peak - 1)

const estimated = (engine: string, shape: string, memory: MemoryEstimate): Row =>
  plain(
    { what: `${engine} estimate away from peak`, shape, unit: '%', ours: 100 * away(memory) },
    TARGETS.estimateError,
  )

function grown(what: string, { first, last }: MemoryAfterRuns): Row {
  const change = {
    what,
    shape: 'head stage, all layers, evaluation',
    unit: '%',
    ours: 100 * Math.abs(last / first - 1),
  }
  return plain(change, TARGETS.memoryAfterRuns)
}

/** What the machine's cores gave together in the same turns: no engine can share its work better than that. */
const meanwhile = (shape: string, { cores, product, products }: CoresTiming): Row =>
  row('products in cache, all cores', shape, products, cores * product, 'one core')

async function wasmEngine({ page, python }: Context): Promise<Row[]> {
  const cores = await page.evaluate(() => window.bench.cores())
  const rows: Row[] = []
  const forwards: number[] = []
  // Starting a share and exchanging gradients cost the same for any batch: both sides of that are shown.
  for (const batch of [32, 128]) {
    const photos = `64 px, batch ${batch}`
    const forward = await page.evaluate(([b, c]) => window.bench.compareWasmForward(b, c), [
      batch,
      cores,
    ] as const)
    const steps = await page.evaluate((b) => window.bench.compareWasmSteps(b, 2), batch)
    forwards.push(forward.one)
    const { wasmForwardAllCores, wasmStepTwoWorkers } = TARGETS
    rows.push(
      row(
        'wasm frozen forward, all cores',
        photos,
        forward.all,
        forward.one,
        'one core',
        wasmForwardAllCores,
      ),
      meanwhile(`between forwards of ${batch}`, forward),
      row(
        'wasm step, all layers, two workers',
        photos,
        steps.all,
        steps.one,
        'one worker',
        wasmStepTwoWorkers,
      ),
      meanwhile(`between steps of ${batch}`, steps),
    )
  }
  const kernels = await page.evaluate(() => window.bench.compareWasmKernels(32))
  if (kernels)
    rows.push(
      row(
        'wasm step, fused multiply-add',
        '64 px, batch 32, all layers',
        kernels.fused,
        kernels.plain,
        'multiplication, then addition',
      ),
    )
  if (python) {
    const { version, forward: theirs } = await timePyTorch(python, [32])
    const [{ milliseconds }] = theirs
    const name = `PyTorch ${version}, eval, one thread`
    const [ours] = forwards
    rows.push(
      row(
        'wasm frozen forward',
        '64 px, batch 32',
        ours,
        milliseconds,
        name,
        TARGETS.wasmForwardBesidePyTorch,
      ),
    )
  }
  return rows
}
