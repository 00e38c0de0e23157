import { expect, test } from 'vitest'
import { measureHeap } from '../../../../bench/heap-use.ts'
import { makeEngine } from '../../../../tests/engine-factory.ts'
import { LOCK_ALL, LOCK_NONE } from '../../../model/index.ts'
import type { MemoryUse } from '../memory.ts'
import { heapBytes } from './heap-bytes.ts'

const usual: MemoryUse = { classes: 10, locked: LOCK_NONE, batchNorm: 'frozen', optimizer: 'adam' }

test('the estimate is within a tenth of what the heap takes', async () => {
  await using engine = await makeEngine('wasm')
  const { estimate, peak } = await measureHeap(engine, 32, 16, LOCK_NONE)
  expect(estimate).toBe(heapBytes(usual, 16, 32))
  expect(estimate / peak).toBeGreaterThan(0.9)
  expect(estimate / peak).toBeLessThan(1.1)
})

test('SGD holds one number a parameter where Adam holds two', () => {
  const parameters = 4 * 11.18e6
  const more = heapBytes(usual, 8, 64) - heapBytes({ ...usual, optimizer: 'sgd' }, 8, 64)
  expect(more / parameters).toBeCloseTo(1, 1)
})

test('what is not updated here has no moments here', () => {
  const half = { ...usual, updated: ['layer4.1.conv1.weight', 'layer4.1.conv2.weight'] }
  const moments = 2 * 4 * (11.18e6 - 2 * 9 * 512 * 512)
  expect((heapBytes(usual, 8, 64) - heapBytes(half, 8, 64)) / moments).toBeCloseTo(1, 1)
})

test('an engine that only evaluates holds no moments and no activations', () => {
  const evaluates = heapBytes(usual, 0, 64)
  expect(evaluates).toBeLessThan(heapBytes({ ...usual, locked: LOCK_ALL }, 128, 64))
  expect(evaluates).toBe(heapBytes({ ...usual, optimizer: 'sgd' }, 0, 64))
})
