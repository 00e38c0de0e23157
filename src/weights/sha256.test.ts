import { afterEach, expect, test, vi } from 'vitest'
import { sha256Hex } from './sha256.ts'

afterEach(() => vi.unstubAllGlobals())

test('where the browser gives no hash, code gives the same one', async () => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, i) => (i * 31) % 251)
  const platform = await sha256Hex(bytes)
  expect(platform).toMatch(/^[0-9a-f]{64}$/)
  vi.stubGlobal('crypto', {})
  expect(await sha256Hex(bytes)).toBe(platform)
  expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
