import { describe, expect, it } from 'vitest'
import { type FreezePlan, LOCK_ALL, LOCK_NONE, LOCKABLE_STAGES } from '../../model/index.ts'
import { chooseKernels, FAMILIES } from './candidates.ts'
import { type DeviceTraits, MAX_GROUPS } from './kernels/kernel.ts'
import type { TrainingMode } from './layers.ts'
import { packedLayout } from './layout.ts'
import { lowerPrediction, lowerTraining, type Source } from './lower.ts'
import { programBytes } from './memory.ts'
import { type BufferPart, type Operation, type Program, ZERO_PAGE } from './program.ts'

const layout = packedLayout(102)
/** A device that can run every family. */
const traits: DeviceTraits = {
  software: false,
  subgroupSize: 4,
  f16: true,
  workgroupStorage: 32768,
  invocations: 256,
}
const choose = (id: string) => chooseKernels(traits, id)
const training = (
  mode: Partial<TrainingMode>,
  count = 8,
  size = 64,
  family = 'registers',
  source: Source = 'photos',
): Program => {
  const { locked = LOCK_NONE, batchNorm = 'frozen' } = mode
  const first = layout.parameters.find(({ stage }) => !(locked as readonly string[]).includes(stage))!
  return lowerTraining(layout, choose(family), { locked, batchNorm }, first.offset, source, count, size)
}
const kernels = ({ operations }: Program) => operations.map(({ kernel }) => kernel.id)
const count = (program: Program, part: string) => kernels(program).filter((id) => id.includes(part)).length

const overlap = (a: BufferPart, b: BufferPart) =>
  a.buffer === b.buffer && a.offset < b.offset + b.size && b.offset < a.offset + a.size

/** What of WebGPU's rules (and of ours) an operation breaks, in words. */
function brokenRules({ kernel, parts, groups }: Operation): string[] {
  const broken: string[] = []
  if (parts.length > 8) broken.push(`${kernel.id} binds ${parts.length} storage buffers`)
  if (groups.some((n) => n < 1 || n > MAX_GROUPS)) broken.push(`${kernel.id} dispatches ${groups}`)
  parts.forEach(({ buffer, offset, size }, i) => {
    if (offset % 64 !== 0)
      broken.push(`${kernel.id} binds ${buffer} at float ${offset}: not a multiple of 256 bytes`)
    if (size <= 0) broken.push(`${kernel.id} binds nothing of ${buffer}`)
    const { access } = kernel.bindings[i]
    if (parts.some((other, j) => other.buffer === buffer && kernel.bindings[j].access !== access))
      broken.push(`${kernel.id} both reads and writes ${buffer}`)
    if (access === 'read') return
    if (buffer.startsWith('memory') && offset < ZERO_PAGE)
      broken.push(`${kernel.id} writes the page of zeros of ${buffer}`)
    if (parts.some((other, j) => i < j && overlap(parts[i], other)))
      broken.push(`${kernel.id} writes the same part of ${buffer} twice`)
  })
  return broken
}

const MODES: [string, Partial<TrainingMode>][] = [
  ['everything trained', {}],
  ['the head only', { locked: LOCK_ALL }],
  ['layer3 on', { locked: ['stem', 'layer1', 'layer2'] }],
  ['a locked stage in between', { locked: ['layer2'] }],
  ['the tutorial', { locked: LOCK_ALL, batchNorm: 'tutorial' }],
]

describe('programs', () => {
  for (const { id } of FAMILIES)
    for (const [name, mode] of MODES)
      for (const [photos, size] of [
        [1, 32],
        [3, 97],
        [512, 64],
        [32, 224],
        [1, 512],
      ])
        it(`stay within WebGPU's rules: ${name}, ${photos} photos of ${size} px, ${id}`, () => {
          expect(training(mode, photos, size, id).operations.flatMap(brokenRules)).toEqual([])
        })

  it('compute no gradient for what is locked, and fold its batch norms', () => {
    const all = training({})
    expect(count(all, 'filter-gradient')).toBe(21)
    expect(count(all, 'input-gradient')).toBe(20)
    expect(count(all, 'batch-norm-gradient-apply')).toBe(20)
    const head = training({ locked: LOCK_ALL })
    expect(count(head, 'filter-gradient')).toBe(1)
    expect(count(head, 'input-gradient')).toBe(0)
    expect(count(head, 'batch-norm-direct')).toBe(0)
    const late = training({ locked: ['stem', 'layer1', 'layer2'] })
    expect(count(late, 'filter-gradient')).toBe(11)
    // Not for layer3.0's first convolution and its downsample: nothing before them trains.
    expect(count(late, 'input-gradient')).toBe(9)
    const tutorial = training({ locked: LOCK_ALL, batchNorm: 'tutorial' })
    // All but the stem's 8,192 rows and layer1's 2,048 are reduced in one dispatch.
    expect(count(tutorial, 'batch-norm-direct')).toBe(15)
    expect(count(tutorial, 'batch-norm-statistics')).toBe(5)
    expect(count(tutorial, 'filter-gradient')).toBe(1)
  })

  it('save nothing for a frozen prefix: the head alone takes little more than a prediction', () => {
    const prediction = programBytes(lowerPrediction(layout, choose('registers'), 'photos', 'logits', 8, 224))
    expect(programBytes(training({ locked: LOCK_ALL }, 8, 224))).toBeLessThan(prediction * 1.05)
    const plans: FreezePlan[] = [LOCK_NONE, ['stem'], ['stem', 'layer1'], ['stem', 'layer1', 'layer2']]
    const sizes = plans.map((locked) => programBytes(training({ locked })))
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    expect(sizes.at(-1)).toBeLessThan(sizes[0] / 2)
  })

  it('run and hold nothing before the boundary that they begin at', () => {
    for (const boundary of [1, 2, 3, 4, 5] as const) {
      const locked = LOCKABLE_STAGES.slice(0, boundary)
      const whole = training({ locked })
      const cut = training({ locked }, 8, 64, 'registers', boundary)
      expect(count(cut, 'filter-gradient')).toBe(count(whole, 'filter-gradient'))
      expect(count(cut, 'photos')).toBe(0)
      expect(count(cut, 'fold')).toBe(0)
      expect(programBytes(cut)).toBeLessThan(programBytes(whole))
      const first = layout.parameters.find(({ stage }) => !(locked as readonly string[]).includes(stage))!
      for (const { parts } of cut.operations)
        for (const { buffer, offset } of parts)
          if (buffer === 'parameters') expect(offset).toBeGreaterThanOrEqual(first.offset)
      expect(cut.operations.flatMap(brokenRules)).toEqual([])
    }
  })

  it('keep little but the outputs of convolutions and blocks: 24 MB for a 224 px photo', () => {
    expect(programBytes(training({}, 1, 224))).toBeLessThan(24e6)
    const standing = 4 * 4 * layout.total
    expect(standing + programBytes(training({}, 32, 224))).toBeLessThan(1.2e9)
    const slope = (programBytes(training({}, 16, 224)) - programBytes(training({}, 8, 224))) / 8
    // 8.2 million floats leave the convolutions.
    expect(slope).toBeGreaterThan(9e6)
    expect(slope).toBeLessThan(18e6)
  })

  it('take at most 260 dispatches a step', () => {
    for (const [photos, size] of [
      [8, 64],
      [32, 224],
    ])
      expect(training({}, photos, size).operations.length).toBeLessThan(260)
  })
})
