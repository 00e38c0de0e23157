/**
 * `npm run bench:gpu`: the plan's training step on this machine's GPU, in Node on Dawn, without a browser: for a GPU
 * that Chromium cannot travel to. Prints photos a second; `--out` writes them as JSON.
 */
import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { create, globals } from 'webgpu'
import { createPlan, openDevice } from '../src/engine/plan/index.ts'
import type { StepResult, TrainStep } from '../src/engine/train-step.ts'
import { LEARNING_RATE, labels, photos, startState } from './inputs.ts'

const USAGE = `npm run bench:gpu -- [--shapes SIZExBATCH,...] [--steps N] [--kernels ID] [--software] [--out FILE]

  --shapes   photo side in px and photos in a batch (default 64x128,224x32; with --software 64x8)
  --steps    timed steps of each shape, after two warm ones (default 20; with --software 3)
  --kernels  registers-1 or workgroup-1 (default: what suits the adapter)
  --software the software adapter that Debian's chromium brings (VK_ICD_FILENAMES names another)
  --out      writes {"machine", "adapter", "kernels", "rows"} as JSON`

/** Vulkan's description of SwiftShader in Debian's chromium package. */
const SOFTWARE_ADAPTER = '/usr/lib/chromium/vk_swiftshader_icd.json'

interface Row {
  size: number
  batch: number
  /** Milliseconds a step, two steps in flight. */
  milliseconds: number
  photosPerSecond: number
  microBatch: number
  megabytes: number
  firstLoss: number
  lastLoss: number
}

interface Arguments {
  shapes: { size: number; batch: number }[]
  steps: number
  software: boolean
  kernels?: string
  out?: string
}

/** @throws where an argument cannot be, with a line for the person. */
function readArguments(): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { shapes: text, steps: text, kernels: text, out: text, software: { type: 'boolean' } },
  })
  const software = values.software ?? false
  const shapes = (values.shapes ?? (software ? '64x8' : '64x128,224x32')).split(',').map((shape) => {
    const [size, batch] = shape.split('x').map(Number)
    if (!(size >= 32 && size <= 512 && batch >= 1 && batch <= 512))
      throw new Error(`--shapes: ${shape} is not SIZExBATCH with 32..512 px and 1..512 photos`)
    return { size, batch }
  })
  const steps = Number(values.steps ?? (software ? 3 : 20))
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`--steps: ${values.steps} is not a number of steps`)
  return { shapes, steps, software, kernels: values.kernels, out: values.out }
}

async function time(plan: TrainStep, size: number, batch: number, steps: number): Promise<Row> {
  const inputs = { kind: 'photos', pixels: photos(batch, size), count: batch, size } as const
  const targets = labels(batch)
  const step = () => plan.step(inputs, targets, LEARNING_RATE)
  await plan.load(startState())
  await plan.configure({
    locked: [],
    batchNorm: 'frozen',
    optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} },
    labelSmoothing: 0,
    microBatch: null,
  })
  const first = await step()
  await step()
  const start = performance.now()
  const running: Promise<StepResult>[] = Array.from({ length: steps }, step)
  const results = await Promise.all(running)
  const milliseconds = (performance.now() - start) / steps
  const last = results.at(-1)!
  if (!last.finite) throw new Error(`${size} px, batch ${batch}: the step is not finite`)
  return {
    size,
    batch,
    milliseconds,
    photosPerSecond: (1000 * batch) / milliseconds,
    microBatch: plan.microBatchFor(batch, size),
    megabytes: Math.round(plan.estimateBytes(plan.microBatchFor(batch, size), size) / 2 ** 20),
    firstLoss: first.loss,
    lastLoss: last.loss,
  }
}

async function main({ shapes, steps, software, kernels, out }: Arguments): Promise<void> {
  if (software && existsSync(SOFTWARE_ADAPTER)) process.env.VK_ICD_FILENAMES ??= SOFTWARE_ADAPTER
  Object.assign(globalThis, globals)
  // Dawn's instance must outlive its device, and only this variable holds it.
  const gpu = create([])
  const opened = await openDevice(gpu)
  if (!opened) throw new Error('Dawn finds no adapter here (--software uses the software one)')
  await using plan = await createPlan(opened.device, { adapter: opened.adapter, kernels, ownsDevice: true })
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`
  console.log(`${opened.adapter} (${plan.description.kernels}), ${machine}`)
  const rows: Row[] = []
  for (const { size, batch } of shapes) {
    const row = await time(plan, size, batch, steps)
    rows.push(row)
    console.log(
      `${size} px, batch ${batch}: ${row.milliseconds.toFixed(1)} ms a step, ${row.photosPerSecond.toFixed(1)} photos/s` +
        ` (micro-batch ${row.microBatch}, ${row.megabytes} MB, loss ${row.firstLoss.toFixed(4)} -> ${row.lastLoss.toFixed(4)})`,
    )
  }
  if (!out) return
  const report = { machine, adapter: opened.adapter, kernels: plan.description.kernels, rows }
  await writeFile(`${out}.tmp`, `${JSON.stringify(report, null, 2)}\n`)
  await rename(`${out}.tmp`, out)
}

/** Runs `work`; what it throws ends the program with its message and status `status`. */
async function orExit<T>(status: number, usage: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}${usage}`)
    process.exit(status)
  }
}

const given = await orExit(2, `\n\n${USAGE}`, readArguments)
await orExit(1, '', () => main(given))
// Dawn's threads would keep the process.
process.exit(0)
