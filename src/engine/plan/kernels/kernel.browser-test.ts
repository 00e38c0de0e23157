import { expect, it } from 'vitest'
import { runKernel, testDevice } from '../testing.ts'
import { defineKernel, linearGroups, MAX_GROUPS } from './kernel.ts'

it('a dispatch of more workgroups than one dimension takes reaches every index once', async () => {
  const device = await testDevice()
  const kernel = defineKernel({
    id: 'count-indices',
    bindings: { counts: 'read_write u32' },
    constants: ['size'],
    workgroup: 1,
    body: 'if (id < u.size) { counts[id] += id + 1u; }',
  })
  const size = MAX_GROUPS + 4321
  const groups = linearGroups(kernel, size)
  expect(Math.max(...groups)).toBeLessThanOrEqual(MAX_GROUPS)
  const { counts } = await runKernel(
    device,
    { kernel, groups, constants: [size] },
    { counts: new Uint32Array(size) },
  )
  expect(new Uint32Array(counts.buffer).every((count, i) => count === i + 1)).toBe(true)
})
