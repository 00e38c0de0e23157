/**
 * `npm run bench`: our engines beside their peers, in one run, on the same weights and photos, warm, medians. Runs on
 * a page that is built for it, in headless Chromium; PyTorch runs afterwards, when the browser is closed. May import
 * `src/engine`, the plan's inner parts too, and `src/model`.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { openBenchBrowser } from './browser.ts'
import { KINDS, type PageEngine, type StepTiming } from './protocol.ts'
import { findPython, timePyTorch } from './pytorch.ts'
import { type Report, type Row, row, table, writeReport } from './report.ts'

const USAGE = `npm run bench -- [--out FILE] [--python PATH] [--only PARTS]

  --out FILE      writes {"machine", "adapter", "rows"} as JSON
  --python PATH   a Python with torch and torchvision (default: the system's)
  --only PARTS    of conv, steps and pytorch, with commas between; by default all of them`

const PARTS = ['conv', 'steps', 'pytorch'] as const
type Part = (typeof PARTS)[number]

const BATCHES = [8, 32]
/** Stock WebGPU takes minutes for more. */
const STOCK_BATCH = 8
const STOCK = 'TF.js WebGPU'
const OURS = { plan: 'webgpu', wasm: 'wasm' } as const satisfies Record<string, PageEngine>

interface Arguments {
  out?: string
  python?: string
  parts: ReadonlySet<Part>
}

/** @throws where an argument is not known, with a line for the person. */
function readArguments(): Arguments {
  const options = { out: { type: 'string' }, python: { type: 'string' }, only: { type: 'string' } } as const
  const { out, python, only } = parseArgs({ options }).values
  const named = only?.split(',') ?? [...PARTS]
  const unknown = named.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${PARTS.join(', ')}`)
  return { out, python, parts: new Set(PARTS.filter((part) => named.includes(part))) }
}

async function benchConvolutions(page: Page): Promise<Row[]> {
  const rows: Row[] = []
  const count = await page.evaluate(() => window.bench.convolutions())
  for (const kind of KINDS)
    for (let index = 0; index < count; index++) {
      const timing = await page.evaluate(([i, k]) => window.bench.timeConvolution(i, k), [
        index,
        kind,
      ] as const)
      if (!timing) continue
      const { shape, ours, stock, difference } = timing
      if (!(difference < 1e-4)) throw new Error(`${kind}, ${shape}: results differ by ${difference}`)
      rows.push(row(`plan conv ${kind}`, shape, ours.milliseconds, stock.milliseconds, STOCK))
      say(rows.at(-1)!)
    }
  return rows
}

interface Steps {
  timings: { name: keyof typeof OURS; batch: number; timing: StepTiming }[]
  stock: StepTiming
}

async function benchSteps(page: Page): Promise<Steps> {
  const time = async (engine: PageEngine, batch: number): Promise<StepTiming> => {
    const timing = await page.evaluate(([e, b]) => window.bench.timeStep(e, b), [engine, batch] as const)
    const { milliseconds, samples, loss, kernels } = timing
    console.log(
      `step  ${engine} (${kernels})  batch ${batch}: ${milliseconds.toFixed(0)} ms, median of ${samples}, first loss ${loss.toFixed(5)}`,
    )
    return timing
  }
  const timings: Steps['timings'] = []
  for (const batch of BATCHES)
    for (const name of ['plan', 'wasm'] as const)
      timings.push({ name, batch, timing: await time(OURS[name], batch) })
  return { timings, stock: await time('stock-webgpu', STOCK_BATCH) }
}

const stepShape = (batch: number) => `64 px, batch ${batch}, all layers`

function stockRows({ timings, stock }: Steps): Row[] {
  return timings
    .filter(({ batch }) => batch === STOCK_BATCH)
    .map(({ name, batch, timing }) =>
      row(`${name} step`, stepShape(batch), timing.milliseconds, stock.milliseconds, STOCK),
    )
}

async function pytorchRows({ timings }: Steps, named: string | undefined): Promise<Row[]> {
  const python = await findPython(named)
  if (!python) {
    console.log(`PyTorch: left out, ${named ?? 'no Python here'} has no torch and torchvision`)
    return []
  }
  const { version, steps } = await timePyTorch(python, BATCHES)
  console.log(`PyTorch ${version} (${python}), one thread`)
  return steps.flatMap(({ batch, milliseconds, samples, loss }) => {
    console.log(
      `step  PyTorch  batch ${batch}: ${milliseconds.toFixed(0)} ms, median of ${samples}, first loss ${loss.toFixed(5)}`,
    )
    return timings
      .filter((ours) => ours.batch === batch)
      .map(({ name, timing }) =>
        row(
          `${name} step`,
          stepShape(batch),
          timing.milliseconds,
          milliseconds,
          `PyTorch ${version}, 1 thread`,
        ),
      )
  })
}

const say = (one: Row) => console.log(table([one]).split('\n')[1])

async function bench({ out, python, parts }: Arguments): Promise<void> {
  const [cpu] = cpus()
  const machine = `${cpu.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`
  const rows: Row[] = []
  let steps: Steps | null = null
  let adapter: string
  {
    await using browser = await openBenchBrowser()
    adapter = browser.adapter
    console.log(`${machine}\n${adapter}\n`)
    if (parts.has('conv')) rows.push(...(await benchConvolutions(browser.page)))
    if (parts.has('steps') || parts.has('pytorch')) steps = await benchSteps(browser.page)
  }
  if (steps) rows.push(...stockRows(steps))
  if (steps && parts.has('pytorch')) rows.push(...(await pytorchRows(steps, python)))
  const report: Report = { machine, adapter, rows }
  console.log(`\n${table(rows)}`)
  if (out) await writeReport(out, report)
}

async function main(): Promise<void> {
  let read: Arguments
  try {
    read = readArguments()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  await bench(read)
}

await main()
