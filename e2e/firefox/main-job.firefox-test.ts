/** The main job in Firefox, and what the page says of it. Skipped where no Firefox is installed. */
import { statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { firefoxPath } from '../../scripts/firefox.mjs'
import { serve } from '../../scripts/serve.mjs'
import { PATIENCE } from '../patience.ts'
import { writePhotos } from '../photos.ts'
import { click, type FirefoxOptions, found, openFirefox, set, textOf } from './firefox.ts'

const path = firefoxPath() ?? ''

describe.runIf(path)('in Firefox', () => {
  let folder: string
  let address: string
  let browser: Browser | undefined
  let errors: string[]
  let close = () => {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tabtune-firefox-'))
    await writePhotos(join(folder, 'things'), { train: 3, valid: 2, size: 64 })
    // As in Playwright's configuration, `PAGE` names a page that is served already.
    if (process.env.PAGE) {
      address = process.env.PAGE
      return
    }
    const served = await serve(await ensureBuilt(), 0)
    address = served.address
    close = () => served.server.close()
  })
  afterEach(async () => {
    await browser?.close()
    browser = undefined
  })
  afterAll(async () => {
    close()
    await rm(folder, { recursive: true, force: true })
  })

  async function open(options: Omit<FirefoxOptions, 'path'> = {}): Promise<Page> {
    browser = await openFirefox({ path, ...options })
    const page = await browser.newPage()
    page.setDefaultTimeout(PATIENCE)
    await page.setViewport({ width: 1366, height: 768 })
    errors = []
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    await page.goto(address)
    return page
  }

  test('a folder from its picker trains both stages on the processor; webcam and a photo are classified', async () => {
    const page = await open({ folder: join(folder, 'things'), downloads: folder })
    await click(page, 'choose-folder')
    expect(await textOf(page, 'dataset-name')).toBe('things')
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="class-row"]').length === 5)
    await set(page, { 'epochs-head': 1, 'epochs-all': 1, batch: 8, size: 64 })

    await click(page, 'train')
    await page.waitForSelector('[data-testid="run-result"][data-status="completed"]')
    expect(await page.$eval('[data-testid="engine-chip"]', (chip) => chip.getAttribute('data-engine'))).toBe(
      'wasm',
    )
    await click(page, 'tab-photos')
    expect((await page.$$('[data-testid="prediction"]')).length).toBe(10)

    await click(page, 'tab-try')
    if (!(await page.$('[data-testid="webcam"]'))) await click(page, 'start-webcam')
    expect(await textOf(page, 'answer')).not.toBe('')
    expect(await page.$$eval('[data-testid="top-k"] li', (rows) => rows.length)).toBe(5)
    await click(page, 'stop-webcam')
    const input = await page.waitForSelector('input[data-testid="try-photos-input"]')
    await input!.uploadFile(join(folder, 'things', 'valid', 'leaf', 'leaf-04.jpg'))
    expect(await textOf(page, 'tried-photo')).toMatch(/leaf|shell|key|citrus|button/)

    await click(page, 'tab-weights')
    await click(page, 'download-best')
    const file = join(folder, 'best.safetensors')
    // Firefox makes an empty file first, and puts the whole one in its place.
    await expect
      .poll(() => statSync(file, { throwIfNoEntry: false })?.size, { timeout: PATIENCE })
      .toBeGreaterThan(4e7)
    expect(await headerOf(file)).toMatchObject({ 'fc.weight': { dtype: 'F32', shape: [5, 512] } })
    expect(errors).toEqual([])
  })

  test('the sample photos come from where the page stands', async () => {
    const page = await open()
    await click(page, 'use-samples')
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="class-row"]').length === 3)
    await page.waitForFunction(() => {
      const thumbnail = document.querySelector<HTMLImageElement>('[data-testid="class-row"] img')
      return thumbnail !== null && thumbnail.naturalWidth > 0
    })
    expect(errors).toEqual([])
  })

  test('the chip says that the processor computes, and what this browser lacks', async () => {
    const page = await open()
    await click(page, 'engine-chip')
    await found(page, 'browser-remarks')
    const lacking = await page.$$eval('[data-testid="browser-remarks"] li', (rows) =>
      rows.map((row) => row.getAttribute('data-code')),
    )
    expect(lacking).toContain('no-folder-handles')
    expect(lacking).not.toContain('canvas-noise')
    expect(errors).toEqual([])
  })

  test('its protection against fingerprinting is found by drawing known pixels, and named', async () => {
    const page = await open({ preferences: { 'privacy.resistFingerprinting': true } })
    expect(await textOf(page, 'notice-canvas-blocked')).toContain('Firefox')
  })
})

/** The JSON header of a safetensors file. */
async function headerOf(file: string): Promise<unknown> {
  const bytes = await readFile(file)
  return JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))))
}
