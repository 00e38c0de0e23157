/** Our loader beside torchvision's on the same core and files: milliseconds a photo. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { type Row, row } from '../report.ts'
import { onOneCore } from './affinity.ts'
import type { PipelineSite } from './browser.ts'
import { HEIGHT, WIDTH } from './photos.ts'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('torchvision_loader.py', import.meta.url))
const PHOTOS = 128
const SECONDS = 5

const answerSchema = z.object({ version: z.string(), milliseconds: z.number(), passes: z.int() })

/** @param python with torch and torchvision. */
export async function benchLoader(site: PipelineSite, python: string): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tabtune-loader-'))
  try {
    const { result, pinned } = await onOneCore(async () => {
      const ours = await site.open(async (page) => {
        await page.evaluate((count) => window.pipeline.makePhotos(count), PHOTOS)
        for (let i = 0; i < PHOTOS; i++) {
          const bytes = await page.evaluate((index) => window.pipeline.photo(index), i)
          await writeFile(join(folder, `${i}.jpg`), Uint8Array.from(bytes))
        }
        return page.evaluate((seconds) => window.pipeline.timeLoader(seconds), SECONDS)
      })
      const env = { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
      const { stdout } = await run(python, [SCRIPT, folder, String(SECONDS)], { env })
      return { ours, peer: answerSchema.parse(JSON.parse(stdout)) }
    })
    const { ours, peer } = result
    const shape = `${WIDTH} x ${HEIGHT} JPEG to 64 px, ${pinned ? 'one core' : 'one loader, one thread'}`
    return [
      row('loader, a photo: decode + course augmentation', shape, ours.cold, peer.milliseconds, peer.version),
      row(
        'loader, a photo: from kept photos',
        shape,
        ours.warm,
        peer.milliseconds,
        `${peer.version}, decoding`,
      ),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
