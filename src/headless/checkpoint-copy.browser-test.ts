import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BrowserStore, POINTER_FILE } from '../training/checkpoint-store.ts'
import { CHECKPOINT_KEY, CheckpointCopy } from './checkpoint-copy.ts'

const GENERATION = '00000001.checkpoint'

describe('a checkpoint is handed to the command line', () => {
  const store = new BrowserStore()
  const folder = store.folder(CHECKPOINT_KEY)
  const sent = new Map<string, string>()
  let copied: string[][] = []

  beforeEach(async () => {
    await folder.write(GENERATION, Uint8Array.of(1, 2, 3))
    await folder.write(POINTER_FILE, Uint8Array.of(4))
    sent.clear()
    copied = []
  })
  afterEach(() => store.removeFolder(CHECKPOINT_KEY))

  /** Sends as `fetch` does: content that cannot be read fails as a broken connection. */
  const copyWith = (meanwhile: (name: string) => Promise<void>) =>
    new CheckpointCopy(
      async (name, content) => {
        await meanwhile(name)
        const bytes = await content.arrayBuffer().catch(() => {
          throw new TypeError('Failed to fetch')
        })
        sent.set(name, String(new Uint8Array(bytes)))
      },
      [],
      (names) => copied.push(names),
    )

  it('with its pointer last', async () => {
    const copy = copyWith(async () => {})
    copy.changed()
    await copy.settled()
    expect([...sent]).toEqual([
      [`checkpoint/${GENERATION}`, '1,2,3'],
      [`checkpoint/${POINTER_FILE}`, '4'],
    ])
    expect(copied).toEqual([[GENERATION, POINTER_FILE]])
  })

  it('and is no loss where the run is complete and has removed it meanwhile', async () => {
    const copy = copyWith(() => store.removeFolder(CHECKPOINT_KEY))
    copy.changed()
    await copy.settled()
    expect(copied).toEqual([])
  })

  it('or where a newer one replaces its pointer on the way', async () => {
    const copy = copyWith(async (name) => {
      if (name.endsWith(POINTER_FILE)) await folder.write(POINTER_FILE, Uint8Array.of(5))
    })
    copy.changed()
    await copy.settled()
    copy.changed()
    await copy.settled()
    expect(copied).toHaveLength(2)
    expect(sent.get(`checkpoint/${POINTER_FILE}`)).toBe('5')
  })

  it('while what breaks the connection itself is an error', async () => {
    const copy = copyWith(() => Promise.reject(new TypeError('Failed to fetch')))
    copy.changed()
    await expect(copy.settled()).rejects.toThrow('Failed to fetch')
  })
})
