import { expect, test } from 'vitest'
import { probe } from './index.ts'

test('on a software adapter wasm is chosen', async () => {
  const start = performance.now()
  const result = await probe()
  console.info(`probe: ${Math.round(performance.now() - start)} ms`, JSON.stringify(result))
  expect(result.chosen).toBe('wasm')
  expect(result.rates.wasm).toBeGreaterThan(0)
})
