import { afterEach, describe, expect, it } from 'vitest'
import { browserStore } from './store.ts'

describe("the browser's own file system", () => {
  const store = browserStore()
  afterEach(() => store.remove('test.bin'))

  it('keeps a file, replaces it, and forgets it', async () => {
    expect(await store.read('test.bin')).toBeNull()
    await store.write('test.bin', Uint8Array.of(1, 2, 3))
    await store.write('test.bin', Uint8Array.of(4))
    expect(await browserStore().read('test.bin')).toEqual(Uint8Array.of(4))
    await store.remove('test.bin')
    await store.remove('test.bin')
    expect(await store.read('test.bin')).toBeNull()
  })
})
