/**
 * `npx tsx bench/profile.ts`: where a training step's time goes on this machine's GPU, in Node on Dawn. Every dispatch
 * runs in a pass of its own between two timestamps, so that the sum is a little more than a step takes.
 */
import { parseArgs } from 'node:util'
import { openDawn } from '../scripts/dawn.ts'
import { Buffers } from '../src/engine/plan/buffers.ts'
import { chooseKernels } from '../src/engine/plan/candidates.ts'
import { deviceTraits, openDevice } from '../src/engine/plan/device.ts'
import { Executor, type LaidOut } from '../src/engine/plan/executor.ts'
import { RESULT } from '../src/engine/plan/kernels/loss.ts'
import { LABELS, lowerTraining, UPLOAD } from '../src/engine/plan/lower.ts'
import { NetworkState } from '../src/engine/plan/network-state.ts'
import { Optimizer } from '../src/engine/plan/optimizer.ts'
import type { Program } from '../src/engine/plan/program.ts'
import { readBack } from '../src/engine/plan/readback.ts'
import { LEARNING_RATE, labels, photos, startState, stepConfig } from './inputs.ts'

const USAGE = `npx tsx bench/profile.ts [--software] [--size PX] [--batch N] [--kernels ID] [--steps N] [--each]

  --software the software adapter that Debian's chromium brings (VK_ICD_FILENAMES names another)
  --size     photo side in px (default 64)
  --batch    photos (default 8)
  --kernels  id of the kernels (default: what suits the adapter)
  --steps    steps whose fastest counts for each dispatch, after a warm one (default 3)
  --each     a line for each dispatch in order, too`

const CONFIG = stepConfig()

/** Milliseconds of each dispatch of one run. */
async function timeDispatches(device: GPUDevice, { dispatches }: LaidOut): Promise<number[]> {
  const count = 2 * dispatches.length
  const querySet = device.createQuerySet({ type: 'timestamp', count })
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC
  const resolved = device.createBuffer({ size: 8 * count, usage })
  const encoder = device.createCommandEncoder()
  dispatches.forEach(({ pipeline, bindGroup, groups }, i) => {
    const pass = encoder.beginComputePass({
      timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
    })
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, bindGroup)
    pass.dispatchWorkgroups(...groups)
    pass.end()
  })
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0)
  device.queue.submit([encoder.finish()])
  const words = await readBack(device, [{ buffer: resolved, offset: 0, size: 2 * count }])
  const times = new BigUint64Array(words)
  resolved.destroy()
  querySet.destroy()
  return dispatches.map((_, i) => Number(times[2 * i + 1] - times[2 * i]) / 1e6)
}

interface Line {
  kernel: string
  milliseconds: number
  calls: number
  work: number
}

function report(lines: readonly Line[], total: number): void {
  for (const { kernel, milliseconds, calls, work } of lines) {
    const share = ((100 * milliseconds) / total).toFixed(1).padStart(5)
    const rate = (work / milliseconds / 1e6).toFixed(2).padStart(7)
    console.log(
      `${milliseconds.toFixed(2).padStart(9)} ms ${share} % ${String(calls).padStart(4)} x ${rate} G/s  ${kernel}`,
    )
  }
}

/** Dispatches of one kernel id as one line, the slowest first. */
function byKernel(each: readonly Line[]): Line[] {
  const lines = new Map<string, Line>()
  for (const { kernel, milliseconds, work } of each) {
    const line = lines.get(kernel) ?? { kernel, milliseconds: 0, calls: 0, work: 0 }
    line.milliseconds += milliseconds
    line.calls++
    line.work += work
    lines.set(kernel, line)
  }
  return [...lines.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    options: { size: text, batch: text, kernels: text, steps: text, software: flag, each: flag, help: flag },
  })
  if (values.help) return console.log(USAGE)
  // Without it Dawn rounds timestamps to 0.1 ms. Its instance must outlive its device.
  const gpu = openDawn(values.software ?? false, undefined, ['disable-dawn-features=timestamp_quantization'])
  const opened = await openDevice(gpu)
  if (!opened) throw new Error('Dawn finds no adapter here (--software uses the software one)')
  const { device, adapter } = opened
  if (!device.features.has('timestamp-query')) throw new Error('This adapter has no timestamps')
  const [size, batch, steps] = [values.size ?? 64, values.batch ?? 8, values.steps ?? 3].map(Number)

  const choice = chooseKernels(deviceTraits(device), values.kernels)
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  const { layout } = await NetworkState.load(device, buffers, startState())
  const optimizer = await Optimizer.create(device, buffers, layout, CONFIG, null)
  await buffers.ensure([['result', RESULT.words]])
  const mode = { ...CONFIG, wholeBatch: true }
  const forwardBackward = lowerTraining(layout, choice, mode, optimizer.base, 'photos', batch, size)
  const update = optimizer.program()
  const program: Program = {
    operations: [...forwardBackward.operations, ...update.operations],
    buffers: forwardBackward.buffers,
    places: forwardBackward.places,
  }
  const laidOut = await executor.layOut('step', () => program)
  for (const [name, content] of [
    [UPLOAD, photos(batch, size)],
    [LABELS, labels(batch)],
  ] as const) {
    const { buffer, offset } = program.places.get(name)!
    device.queue.writeBuffer(buffers.get(buffer), 4 * offset, content)
  }
  executor.setStep({
    inverseBatch: 1 / batch,
    labelSmoothing: 0,
    momentum: 0.1,
    accumulate: false,
    weightDecay: 0,
    sgdMomentum: 0,
  })
  const fastest = program.operations.map(() => Number.POSITIVE_INFINITY)
  for (let step = 0; step <= steps; step++) {
    optimizer.advance(LEARNING_RATE)
    const times = await timeDispatches(device, laidOut)
    if (step > 0)
      times.forEach((time, i) => {
        fastest[i] = Math.min(fastest[i], time)
      })
  }
  const each = program.operations.map(({ kernel, work, groups }, i) => ({
    kernel: values.each ? `${kernel.id} [${groups}]` : kernel.id,
    milliseconds: fastest[i],
    calls: 1,
    work,
  }))
  const total = fastest.reduce((a, b) => a + b, 0)
  if (values.each) report(each, total)
  report(
    byKernel(
      program.operations.map(({ kernel, work }, i) => ({
        kernel: kernel.id,
        milliseconds: fastest[i],
        calls: 1,
        work,
      })),
    ),
    total,
  )
  console.log(
    `${adapter}, ${choice.id}, ${size} px, batch ${batch}: ${total.toFixed(1)} ms in ${program.operations.length} dispatches`,
  )
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
// Dawn's threads would keep the process.
process.exit(0)
