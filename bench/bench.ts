/**
 * `npm run bench`: our engines beside their peers, in one run, on the same weights and photos, warm, medians. Runs on
 * a page that is built for it, in headless Chromium; PyTorch runs afterwards, when the browser is closed. May import
 * `src/engine`, the plan's inner parts too, `src/model` and `src/random`.
 */
import { cpus, totalmem } from 'node:os'
import type { Page } from 'playwright-core'
import { type Arguments, type Part, readArguments, USAGE } from './arguments.ts'
import { openBenchBrowser } from './browser.ts'
import { BATCHES, compareSteps, type MeasuredStep, STOCK_BATCH } from './compare.ts'
import { KINDS, type PageEngine } from './protocol.ts'
import { findPython, timePyTorch } from './pytorch.ts'
import { type Row, row, table, writeReport } from './report.ts'

const STOCK = 'TF.js WebGPU'
/** Two roundings of one sum differ by less, as a share of the largest value. */
const MOST_DIFFERENCE = 1e-4

async function benchConvolutions(page: Page): Promise<Row[]> {
  const rows: Row[] = []
  const count = await page.evaluate(() => window.bench.convolutions())
  for (const kind of KINDS)
    for (let index = 0; index < count; index++) {
      const asked = [index, kind] as const
      const timing = await page.evaluate(([i, k]) => window.bench.timeConvolution(i, k), asked)
      if (!timing) continue
      const { shape, ours, stock, difference } = timing
      if (!(difference < MOST_DIFFERENCE))
        throw new Error(`${kind}, ${shape}: the two results differ by ${difference}`)
      const one = row(`plan conv ${kind}`, shape, ours.milliseconds, stock.milliseconds, STOCK)
      console.log(table([one]).split('\n')[1])
      rows.push(one)
    }
  return rows
}

function announce(step: MeasuredStep, samples: number): MeasuredStep {
  const { name, batch, milliseconds, loss } = step
  const times = samples === 1 ? 'once' : `median of ${samples}`
  console.log(
    `step, batch ${batch}  ${name}: ${milliseconds.toFixed(0)} ms (${times}), first loss ${loss.toFixed(5)}`,
  )
  return step
}

async function stepsInPage(page: Page, parts: ReadonlySet<Part>): Promise<MeasuredStep[]> {
  const steps: MeasuredStep[] = []
  const time = async (part: MeasuredStep['part'], engine: PageEngine, batch: number) => {
    if (!parts.has(part)) return
    const asked = [engine, batch] as const
    const timing = await page.evaluate(([e, b]) => window.bench.timeStep(e, b), asked)
    const name = part === 'stock' ? STOCK : `${part} (${timing.kernels})`
    const { milliseconds, loss, samples } = timing
    steps.push(announce({ part, name, batch, milliseconds, loss }, samples))
  }
  for (const batch of BATCHES) {
    await time('plan', 'webgpu', batch)
    await time('wasm', 'wasm', batch)
    if (batch === STOCK_BATCH) await time('stock', 'stock-webgpu', batch)
  }
  return steps
}

async function stepsInPyTorch(named: string | undefined): Promise<MeasuredStep[]> {
  const python = await findPython(named)
  if (!python) {
    console.log(`PyTorch: left out, ${named ?? 'no Python here'} has no torch and torchvision`)
    return []
  }
  const { version, steps } = await timePyTorch(python, BATCHES)
  return steps.map(({ batch, milliseconds, loss, samples }) =>
    announce({ part: 'pytorch', name: `PyTorch ${version}, one thread`, batch, milliseconds, loss }, samples),
  )
}

async function bench({ out, python, parts }: Arguments): Promise<void> {
  const [cpu] = cpus()
  const machine = `${cpu.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`
  const rows: Row[] = []
  const steps: MeasuredStep[] = []
  let adapter: string
  {
    await using browser = await openBenchBrowser()
    adapter = browser.adapter
    console.log(`${machine}\n${adapter}\n`)
    if (parts.has('conv')) rows.push(...(await benchConvolutions(browser.page)))
    steps.push(...(await stepsInPage(browser.page, parts)))
  }
  if (parts.has('pytorch')) steps.push(...(await stepsInPyTorch(python)))
  rows.push(...compareSteps(steps))
  console.log(`\n${table(rows)}`)
  if (out) await writeReport(out, { machine, adapter, rows })
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
