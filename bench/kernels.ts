/**
 * `npm run bench:kernels`: every convolution family on every distinct layer of ResNet-18 and every kind, in Node on
 * Dawn, one after another in turns (what disturbs one disturbs all). Prints GFLOP/s of the plain convolution's
 * operations, so that a family that needs fewer shows as a faster one.
 */
import { parseArgs } from 'node:util'
import { openDawn } from '../scripts/dawn.ts'
import { Buffers } from '../src/engine/plan/buffers.ts'
import { Executor } from '../src/engine/plan/executor.ts'
import { deviceTraits, FAMILIES, openDevice } from '../src/engine/plan/index.ts'
import {
  type ConvolutionFamily,
  type ConvolutionShape,
  convolutionFlops,
  KINDS,
  type Kind,
  NO_EPILOGUE,
} from '../src/engine/plan/kernels/convolution.ts'
import type { DeviceTraits } from '../src/engine/plan/kernels/kernel.ts'
import { values, withZeroPage } from '../src/engine/plan/program.ts'
import { ProgramBuilder } from '../src/engine/plan/program-builder.ts'
import { STEM } from '../src/model/index.ts'
import { SIZE } from './inputs.ts'
import { describeLayer, distinctLayers, shapeOf } from './layers.ts'
import { median } from './timing.ts'

const USAGE = `npm run bench:kernels -- [--families ID,...] [--layers NAME,...] [--kinds KIND,...] [--size PX] [--batch N]
                           [--rounds N] [--cpu] [--software]

  --families  default: all that suit
  --layers    parts of layers' names (layer1, layer2.0.conv1, ...)
  --kinds     of ${KINDS.join(', ')}
  --cpu       counts this process's CPU time instead of the clock: for a software adapter on a machine that others use
  --software  the software adapter that Debian's chromium brings (VK_ICD_FILENAMES names another)`

interface Case {
  family: ConvolutionFamily
  run(): Promise<void>
  close(): void
  times: number[]
}

/** One convolution of a family, laid out and run once; null where the family does not take it. */
async function prepare(
  device: GPUDevice,
  traits: DeviceTraits,
  family: ConvolutionFamily,
  shape: ConvolutionShape,
  kind: Kind,
): Promise<Case | null> {
  if (!family[kind]?.suits(shape, traits)) return null
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  const builder = new ProgramBuilder(traits)
  const { count, side, inChannels, outSide, outChannels, kernel } = shape
  const x = builder.activation('x', count, side, inChannels)
  const y = builder.activation('y', count, outSide, outChannels)
  const w = builder.part('w', kernel ** 2 * inChannels * outChannels)
  const dw = builder.part('dw', w.size)
  const dx = builder.activation('dx', count, side, inChannels)
  if (kind === 'forward')
    family.forward?.lower(builder, shape, NO_EPILOGUE, { x: withZeroPage(x), w, y: values(y) })
  else if (kind === 'inputGradient')
    family.inputGradient?.lower(builder, shape, false, { dy: withZeroPage(y), w, dx: values(dx) })
  else family.filterGradient?.lower(builder, shape, { x: values(x), dy: values(y), dw, wholeBatch: true })
  const program = await executor.layOut(kind, () => builder.finish())
  const run = async () => {
    executor.run(program)
    await device.queue.onSubmittedWorkDone()
  }
  await run()
  const close = () => {
    executor.destroy()
    buffers.destroy()
  }
  return { family, run, close, times: [] }
}

function readArguments() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values: given } = parseArgs({
    options: {
      families: text,
      layers: text,
      kinds: text,
      size: text,
      batch: text,
      rounds: text,
      cpu: flag,
      software: flag,
    },
  })
  const list = (names: string | undefined) => names?.split(',')
  const count = (name: 'size' | 'batch' | 'rounds', fallback: number) => {
    const number = Number(given[name] ?? fallback)
    if (!(Number.isInteger(number) && number >= 1 && number <= 512))
      throw new Error(`--${name}: ${given[name]}`)
    return number
  }
  const ids = list(given.families)
  const unknown = ids?.find((id) => !FAMILIES.some((family) => family.id === id))
  if (unknown !== undefined)
    throw new Error(`--families: ${unknown} is none of ${FAMILIES.map(({ id }) => id).join(', ')}`)
  const kinds = list(given.kinds)
  return {
    families: FAMILIES.filter(({ id }) => ids?.includes(id) ?? true),
    layers: list(given.layers),
    kinds: KINDS.filter((kind) => kinds?.includes(kind) ?? true),
    size: count('size', SIZE),
    batch: count('batch', 8),
    rounds: count('rounds', 5),
    cpu: given.cpu ?? false,
    software: given.software ?? false,
  }
}

async function main({
  families,
  layers,
  kinds,
  size,
  batch,
  rounds,
  cpu,
  software,
}: ReturnType<typeof readArguments>) {
  // Dawn's instance must outlive its device.
  const gpu = openDawn(software)
  const opened = await openDevice(gpu)
  if (!opened) throw new Error('Dawn finds no adapter here (--software uses the software one)')
  const { device, adapter } = opened
  device.addEventListener('uncapturederror', ({ error }) => console.error(error.message))
  const traits = deviceTraits(device)
  console.log(`${adapter}; ${size} px, batch ${batch}; GFLOP/s${cpu ? ' a second of CPU time' : ''}`)
  const clock = () => {
    const { user, system } = process.cpuUsage()
    return cpu ? (user + system) / 1000 : performance.now()
  }
  for (const kind of kinds)
    for (const layer of distinctLayers(size)) {
      if (layers && !layers.some((name) => describeLayer(layer).includes(name))) continue
      if (layer.spec === STEM && kind === 'inputGradient') continue
      const shape = shapeOf(layer, batch)
      const cases: Case[] = []
      for (const family of families) {
        const made = await prepare(device, traits, family, shape, kind)
        if (made) cases.push(made)
      }
      for (let round = 0; round < rounds; round++)
        for (const one of cases) {
          const start = clock()
          await one.run()
          one.times.push(clock() - start)
        }
      const figures = cases.map(({ family, times }) => {
        const milliseconds = median(times)
        return `${family.id} ${(convolutionFlops(shape) / milliseconds / 1e6).toFixed(2)} (${milliseconds.toFixed(1)} ms)`
      })
      for (const { close } of cases) close()
      console.log(`${kind.padEnd(14)} ${describeLayer(layer).padEnd(56)} ${figures.join('  ')}`)
    }
  return gpu
}

const given = (() => {
  try {
    return readArguments()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exit(2)
  }
})()
await main(given)
// Dawn's threads would keep the process.
process.exit(0)
