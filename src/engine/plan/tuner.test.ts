import { beforeAll, describe, expect, it } from 'vitest'
import { kernelDevice } from '../../../tests/kernels/device.ts'
import { readTableId } from './choice.ts'
import { deviceTraits } from './device.ts'
import { type ConvolutionFamily, KINDS } from './kernels/convolution.ts'
import { defineKernel } from './kernels/kernel.ts'
import { LAYER_GROUPS } from './layer-groups.ts'
import { tuned } from './open.ts'
import type { BufferPart } from './program.ts'
import type { ProgramBuilder } from './program-builder.ts'
import { kernelTable } from './table.ts'
import { type Tuning, tune } from './tuner.ts'
import type { TuningStore } from './tuner-store.ts'

const device = await kernelDevice()

/** Counts up to a number, so that it takes as long as is said. */
const loop = defineKernel({
  id: 'loop',
  bindings: { y: 'read_write vec4<f32>' },
  constants: ['turns'],
  workgroup: 1,
  body: 'var sum = vec4<f32>(); for (var i = 0u; i < u.turns; i++) { sum += sqrt(sum + vec4<f32>(1)); } y[0] = sum;',
})

/** What computes nothing of use, in a time of its own. */
function family(id: string, turns: number, kernel = loop): ConvolutionFamily {
  const lower = (builder: ProgramBuilder, target: BufferPart) =>
    builder.add(kernel, [target], [turns], [1, 1, 1])
  const suits = () => true
  return {
    id,
    forward: { suits, lower: (builder, _shape, _epilogue, { y }) => lower(builder, y) },
    inputGradient: { suits, lower: (builder, _shape, _accumulate, { dx }) => lower(builder, dx) },
    filterGradient: { suits, lower: (builder, _shape, { dw }) => lower(builder, dw) },
  }
}

const slow = family('slow', 1_500_000)
const fast = family('fast', 1000)
const broken = family('broken', 1, { ...loop, id: 'broken', code: 'fn elsewhere() {}' })

/** A tuning that takes long enough to come to its end on any machine. */
const run = (
  families: readonly ConvolutionFamily[],
  budget = 60_000,
  software = true,
  before: Tuning | null = null,
): Promise<Tuning> =>
  tune(
    device!,
    { ...deviceTraits(device!), software },
    { size: 64, batch: 8, precision: 'float32', families, budget, before },
  )

describe.skipIf(!device)('the tuner', () => {
  let tuning: Tuning
  beforeAll(async () => {
    tuning = await run([slow, fast])
  })

  it('takes the fastest for every layer and kind, whichever was expected', () => {
    expect(tuning.kernels).toBe('fast')
    const layers = LAYER_GROUPS.length
    expect(tuning.entries).toHaveLength(KINDS.length * layers - 1)
  })

  it('does not go on with what is far behind', () => {
    const measured = tuning.entries.filter(({ milliseconds }) => 'slow' in milliseconds)
    expect(measured.length).toBeGreaterThanOrEqual(KINDS.length)
    expect(measured.length).toBeLessThan(tuning.entries.length / 2)
  })

  it('does the same with a GPU, where kernels are compiled ahead', async () => {
    expect((await run([slow, fast], 60_000, false)).kernels).toBe('fast')
  })

  it('without time takes what is expected to be fastest', async () => {
    const { kernels, entries } = await run([slow, fast], 0)
    expect(kernels).toBe('slow')
    expect(entries).toEqual([])
  })

  it('goes on where the time of an earlier one ran out', async () => {
    const none = await run([slow, fast], 0)
    expect(none.complete).toBe(false)
    const before = {
      ...none,
      entries: [{ layer: 'conv1', kind: 'forward' as const, milliseconds: { slow: 1, fast: 9 } }],
    }
    const { kernels, complete } = await run([slow, fast], 60_000, true, before)
    expect(complete).toBe(true)
    expect(readTableId(kernels)?.forward.slice(0, 2)).toEqual(['slow', 'fast'])
  })

  it('measures nothing where there is nothing to choose', async () => {
    expect(await run([fast])).toMatchObject({ kernels: 'fast', entries: [] })
  })

  it('leaves out a family that the driver refuses', async () => {
    const { kernels, entries } = await run([fast, broken])
    expect(kernels).toBe('fast')
    expect(entries.some(({ milliseconds }) => 'broken' in milliseconds)).toBe(false)
  })

  it('tells what was chosen with its times', async () => {
    const half: Tuning = {
      ...tuning,
      kernels: `fast,slow:${'a'.repeat(12)}.-${'a'.repeat(11)}.${'b'.repeat(12)}`,
    }
    expect(readTableId(half.kernels)?.filterGradient[0]).toBe('slow')
    const table = await kernelTable(half.kernels, half)
    expect(table?.measured).toEqual({
      size: half.size,
      count: half.count,
      milliseconds: half.milliseconds,
    })
    expect(table?.rows.map(({ layers }) => layers).reduce((a, b) => a + b)).toBe(21)
    expect(table?.rows[0].cells.inputGradient).toBeNull()
    const cell = table?.rows[1].cells.forward
    expect(cell?.family).toBe('fast')
    expect(cell?.milliseconds).toBeGreaterThan(0)
    expect(await kernelTable('registers', null)).toBeNull()
  })
})

describe.skipIf(!device)('a tuning', () => {
  const kept = (tuning: Tuning | null) => {
    const puts: [string, Tuning][] = []
    const store: TuningStore = {
      get: async () => tuning,
      put: async (key, value) => void puts.push([key, value]),
    }
    return { puts, store }
  }
  const known: Tuning = {
    kernels: 'registers',
    size: 128,
    count: 1,
    entries: [],
    milliseconds: 1,
    complete: true,
  }

  it('that is kept is not done again, and holds for photos and batches of about its size', async () => {
    const { puts, store } = kept(known)
    expect(await tuned(device!, { size: 130, batch: 100 }, 'float32', store)).toBe(known)
    expect(await tuned(device!, { size: 120, batch: 40 }, 'float32', store)).toBe(known)
    expect(puts).toEqual([])
  })
})
