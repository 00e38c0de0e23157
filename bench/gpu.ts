/**
 * `npm run bench:gpu`: the plan's training step on this machine's GPU, in Node on Dawn, without a browser, so that it
 * also runs where Chromium does not: with the kernels that the tuner finds, in half precision where the GPU has it, and
 * with every family of kernels on its own; then PyTorch's on the same GPU. `npm run bench:gpu:bundle` packs it into one
 * file for a machine without this checkout.
 */
import { rename, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { openDawn } from '../scripts/dawn.ts'
import { deviceTraits, FAMILIES, openDevice, type Precision } from '../src/engine/plan/index.ts'
import { type Tuning, tune } from '../src/engine/plan/tuner.ts'
import { type GpuPyTorch, timePyTorchOnGpu } from './gpu-pytorch.ts'
import { lossDifference, type StepRow, type StepShape, timeStep } from './gpu-step.ts'

const USAGE = `npm run bench:gpu -- [--shapes SIZExBATCH,...] [--steps N] [--kernels ID,...] [--python PATH] [--software]
                      [--out FILE]

  --shapes   photo side in px and photos in a batch (default 64x128,224x32; with --software 64x8)
  --steps    timed steps of each shape, after two warm ones (default 20; with --software 3)
  --kernels  families besides the tuner's choice (default: all that run here; with --software none)
  --python   a Python with torch and torchvision (default python3; the rows of PyTorch are left out where it has none)
  --software the software adapter that Debian's chromium brings (VK_ICD_FILENAMES names another)
  --out      writes all figures, the tuner's of each layer too, as JSON`

interface Arguments {
  shapes: StepShape[]
  steps: number
  kernels?: string[]
  python: string
  software: boolean
  out?: string
}

interface Report {
  machine: string
  adapter: string
  tunings: ({ precision: Precision } & Tuning)[]
  rows: StepRow[]
  pytorch: GpuPyTorch | null
}

/** @throws where an argument cannot be, with a line for the person. */
function readArguments(): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      shapes: text,
      steps: text,
      kernels: text,
      python: text,
      out: text,
      software: { type: 'boolean' },
    },
  })
  const { software = false, python = 'python3', out } = values
  const shapes = (values.shapes ?? (software ? '64x8' : '64x128,224x32')).split(',').map((shape) => {
    const [size, batch] = shape.split('x').map(Number)
    if (!(size >= 32 && size <= 512 && batch >= 1 && batch <= 512))
      throw new Error(`--shapes: ${shape} is not SIZExBATCH with 32..512 px and 1..512 photos`)
    return { size, batch }
  })
  const steps = Number(values.steps ?? (software ? 3 : 20))
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`--steps: ${values.steps} is not a number of steps`)
  const kernels = values.kernels?.split(',') ?? (software ? [] : undefined)
  const unknown = kernels?.find((id) => !FAMILIES.some((family) => family.id === id))
  if (unknown !== undefined)
    throw new Error(`--kernels: ${unknown} is none of ${FAMILIES.map(({ id }) => id).join(', ')}`)
  return { shapes, steps, kernels, python, software, out }
}

/** What the tuner measured for each layer, the fastest first. */
function printTuning({ kernels, milliseconds, size, count, entries }: Tuning): void {
  console.log(`  tuned in ${(milliseconds / 1000).toFixed(1)} s on ${count} photos of ${size} px: ${kernels}`)
  for (const { layer, kind, milliseconds: times } of entries) {
    const sorted = Object.entries(times).sort(([, a], [, b]) => a - b)
    const figures = sorted.map(([family, ms]) => `${family} ${ms.toFixed(3)}`).join(', ')
    console.log(`    ${layer.padEnd(24)} ${kind.padEnd(15)} ${figures} ms`)
  }
}

function printRow(name: string, row: StepRow, beside = ''): void {
  const { milliseconds, photosPerSecond, microBatch, megabytes, losses } = row
  console.log(
    `  ${name.padEnd(28)} ${milliseconds.toFixed(1)} ms a step, ${photosPerSecond.toFixed(1)} photos/s (micro-batch ` +
      `${microBatch}, ${megabytes} MB, loss ${losses[0].toFixed(4)} -> ${losses[losses.length - 1].toFixed(4)}${beside})`,
  )
}

async function timeShape(device: GPUDevice, shape: StepShape, given: Arguments, report: Report) {
  const traits = deviceTraits(device)
  const { steps, kernels } = given
  const float32: StepRow[] = []
  for (const precision of ['float32', ...(traits.f16 ? (['float16'] as const) : [])] as const) {
    const tuning = await tune(device, traits, { ...shape, precision })
    report.tunings.push({ precision, ...tuning })
    printTuning(tuning)
    const row = await timeStep(device, tuning.kernels, shape, steps)
    report.rows.push(row)
    const [plain] = float32
    const beside = plain ? `, at most ${(100 * lossDifference(plain, row)).toFixed(2)} % off float32's` : ''
    printRow(`tuned, ${precision}`, row, beside)
    float32.push(row)
  }
  for (const { id, float16 } of FAMILIES) {
    if ((float16 && !traits.f16) || !(kernels?.includes(id) ?? true)) continue
    const row = await timeStep(device, id, shape, steps)
    report.rows.push(row)
    printRow(id, row)
  }
}

/** PyTorch's rows beside the fastest of ours: float32 beside float32, AMP beside all. */
function printPyTorch({ version, gpu, rows }: GpuPyTorch, ours: readonly StepRow[]): void {
  console.log(`PyTorch ${version} on ${gpu}`)
  for (const { size, batch, float32, amp } of rows) {
    const same = ours.filter((row) => row.size === size && row.batch === batch)
    const figure = (theirs: number, beside: readonly StepRow[]) => {
      const best = Math.min(...beside.map(({ milliseconds }) => milliseconds))
      return `${((1000 * batch) / theirs).toFixed(1)} photos/s (ours ${(theirs / best).toFixed(2)} of it)`
    }
    const exact = same.filter(({ kernels }) => !kernels.includes('f16'))
    console.log(`  ${size} px, batch ${batch}: float32 ${figure(float32, exact)}, AMP ${figure(amp, same)}`)
  }
}

async function main(given: Arguments): Promise<void> {
  // Dawn's instance must outlive its device, and only this variable holds it. It rounds timestamps to 0.1 ms else.
  const gpu = openDawn(given.software ?? false, undefined, ['disable-dawn-features=timestamp_quantization'])
  const opened = await openDevice(gpu)
  if (!opened) throw new Error('Dawn finds no adapter here (--software uses the software one)')
  const { device, adapter } = opened
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`
  console.log(`${adapter}, ${machine}`)
  const report: Report = { machine, adapter, tunings: [], rows: [], pytorch: null }
  for (const shape of given.shapes) {
    console.log(`${shape.size} px, batch ${shape.batch}`)
    await timeShape(device, shape, given, report)
  }
  if (!given.software)
    try {
      report.pytorch = await timePyTorchOnGpu(given.python, given.shapes, given.steps)
      printPyTorch(report.pytorch, report.rows)
    } catch (error) {
      console.log(`No PyTorch beside it: ${error instanceof Error ? error.message.trim() : error}`)
    }
  if (!given.out) return
  await writeFile(`${given.out}.tmp`, `${JSON.stringify(report, null, 2)}\n`)
  await rename(`${given.out}.tmp`, given.out)
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
