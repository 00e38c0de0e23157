import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../../scripts/assemble.ts'

describe('the assembled loops', () => {
  it('are what their source gives', async () => {
    expect(await readFile(new URL('binary.ts', import.meta.url), 'utf8')).toBe(await assemble())
  })
})
