import { expect, test } from 'vitest'
import { measureSharingHeap } from '../../../bench/heap-use.ts'
import { WASM_PATHS } from '../../../tests/engine-factory.ts'
import { LOCK_ALL, LOCK_NONE, trainedParameters } from '../../model/index.ts'
import { openWasm } from '../core/index.ts'
import { sharedBytes } from './memory.ts'

const use = { classes: 10, locked: LOCK_NONE, batchNorm: 'frozen' } as const
/** As much as one that trains would need: 1000, and one for each photo; one that only evaluates needs 100. */
const bytesOf = (photos: number) => (photos > 0 ? 1000 + photos : 100)

test('one engine trains, and the other cores have one each that evaluates', () => {
  expect(sharedBytes({ train: 1, evaluate: 1 }, use, 8, bytesOf)).toBe(1008)
  expect(sharedBytes({ train: 1, evaluate: 4 }, use, 8, bytesOf)).toBe(1308)
})

test('engines that share a batch hold a share each and exchange what trains', () => {
  const exchanged = 4 * trainedParameters(LOCK_NONE, 10).trained
  expect(sharedBytes({ train: 2, evaluate: 2 }, use, 9, bytesOf)).toBe(2 * 1005 + exchanged)
  expect(sharedBytes({ train: 3, evaluate: 4 }, use, 9, bytesOf)).toBe(3 * 1003 + 100 + 2 * exchanged)
})

test('where the backbone rests one engine trains', () => {
  expect(sharedBytes({ train: 2, evaluate: 2 }, { ...use, locked: LOCK_ALL }, 8, bytesOf)).toBe(1108)
})

test('each engine is asked for what it updates', () => {
  const asked: (number | undefined)[] = []
  sharedBytes({ train: 2, evaluate: 3 }, use, 8, (_, updated) => asked.push(updated?.length))
  const [first, second, evaluates] = asked
  expect((first ?? 0) + (second ?? 0)).toBe(62)
  expect(evaluates).toBeUndefined()
})

test('what an engine that shares a batch takes of its heap is within a tenth of what is counted', async () => {
  await using engine = await openWasm(WASM_PATHS)
  const { estimate, peak } = await measureSharingHeap(engine, 32, 8, 1)
  expect(estimate / peak).toBeGreaterThan(0.9)
  expect(estimate / peak).toBeLessThan(1.1)
})
