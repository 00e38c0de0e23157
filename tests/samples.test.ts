/** The zip of sample photos, as it stands in `public`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { ROOT } from '../scripts/build.mjs'
import { packSamples } from '../scripts/make-samples.mjs'

test('the sample photos are small, carry their licence, and are packed as the script packs them', () => {
  const zip = readFileSync(join(ROOT, 'public/samples/trashnet-150.zip'))
  expect(zip.length).toBeLessThan(2_000_000)
  const files = unzipSync(zip)
  expect(new TextDecoder().decode(files['LICENSE.txt'])).toContain('Copyright (c) 2017 Gary Thung')
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-samples-'))
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  expect(Buffer.compare(packSamples(folder), zip)).toBe(0)
  rmSync(folder, { recursive: true })
})
