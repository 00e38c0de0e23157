import { expect, test } from 'vitest'
import { compiled } from '../../../scripts/build-wasm.mjs'
import { MODULE } from './module.ts'

test('the checked-in module is the compiled assembly', async () => {
  const text = [...(await compiled('pixels')).matchAll(/'([\w+/=]+)',/g)].map(([, part]) => part).join('')
  expect(text).toBe(MODULE)
})
