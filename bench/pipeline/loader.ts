/** Our loader beside torchvision's on the same files: processor time a photo, all threads and processes counted. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { type Row, row } from '../report.ts'
import { TARGETS } from '../targets.ts'
import { median } from '../timing.ts'
import type { PipelineSite } from './browser.ts'
import { HEIGHT, WIDTH } from './photos.ts'
import { childrenTime } from './processor-time.ts'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('torchvision_loader.py', import.meta.url))
const PHOTOS = 128
/** Ours and the peer take turns, so that a busy spell of the machine meets both. */
const ROUNDS = 3
const SECONDS = 2

const answerSchema = z.object({ version: z.string(), milliseconds: z.number() })

/** @param python with torch and torchvision. @returns no rows where the system does not tell processor times. */
export async function benchLoader(site: PipelineSite, python: string): Promise<Row[]> {
  if ((await childrenTime()) === null) {
    console.log('loader: left out, processor times are read from Linux’s /proc')
    return []
  }
  const folder = await mkdtemp(join(tmpdir(), 'tabtune-loader-'))
  try {
    return await site.open((page) => compare(page, folder, python))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(page: Page, folder: string, python: string): Promise<Row[]> {
  await page.evaluate((count) => window.pipeline.makePhotos(count), PHOTOS)
  for (let i = 0; i < PHOTOS; i++) {
    const bytes = await page.evaluate((index) => window.pipeline.photo(index), i)
    await writeFile(join(folder, `${i}.jpg`), Uint8Array.from(bytes))
  }
  let version = ''
  const times = { cold: [0], warm: [0], peer: [0] }
  for (let round = 0; round < ROUNDS; round++) {
    times.cold[round] = await oursOnce(page, false)
    const env = { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
    const { stdout } = await run(python, [SCRIPT, folder, String(SECONDS)], { env })
    const answer = answerSchema.parse(JSON.parse(stdout))
    times.peer[round] = answer.milliseconds
    version = answer.version
    times.warm[round] = await oursOnce(page, true)
  }
  const [cold, warm, peer] = [median(times.cold), median(times.warm), median(times.peer)]
  const shape = `${WIDTH} x ${HEIGHT} JPEG to 64 px, processor time`
  return [
    row(
      'loader, a photo: decode + course augmentation',
      shape,
      cold,
      peer,
      version,
      TARGETS.loaderBesideTorchvision,
    ),
    row('loader, a photo: augmentation of a kept one', shape, warm, peer, `${version}, decoding`),
  ]
}

/** Milliseconds a photo. */
async function oursOnce(page: Page, keep: boolean): Promise<number> {
  await page.evaluate((kept) => window.pipeline.openLoader(kept), keep)
  const before = (await childrenTime()) ?? 0
  const photos = await page.evaluate((seconds) => window.pipeline.runLoader(seconds), SECONDS)
  return (((await childrenTime()) ?? 0) - before) / photos
}
