/** A browser, a window or an address that lacks something: what the page says, and that training goes on. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumPath, HEADLESS } from '../../scripts/chromium.mjs'
import { completed, drop, expect, set, test } from '../page.ts'
import { writePhotos } from '../photos.ts'
import { SMALL } from './short-run.ts'

// A name that is this machine and is not `localhost`: browsers do not trust it without https.
const PLAIN_NAME = 'tabtune.test'
test.use({
  launchOptions: {
    executablePath: chromiumPath(),
    args: [...HEADLESS, `--host-resolver-rules=MAP ${PLAIN_NAME} 127.0.0.1`],
  },
})

/** Runs before the page's code and before that of its workers. */
async function inject(page: Page, code: string): Promise<void> {
  await page.addInitScript(code)
  await page.route(/worker[^/]*\.js$/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `{${code}}\n${await response.text()}` })
  })
}

async function somePhotos(folder: string): Promise<string> {
  const photos = join(folder, 'things')
  await writePhotos(photos, { train: 3, valid: 2, size: 64 })
  return photos
}

/** One epoch of each stage. */
async function trainBriefly(page: Page): Promise<void> {
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await set(page, SMALL)
  await page.getByTestId('train').click()
  await completed(page)
}

test('at an address that is not secure the page names the one that works, and trains on the processor', async ({
  page,
  baseURL,
  folder,
}) => {
  const insecure = new URL(baseURL!)
  insecure.hostname = PLAIN_NAME
  await page.goto(insecure.href)
  const notice = page.getByTestId('notice-insecure')
  await expect(notice).toContainText('not secure')
  await expect(notice.getByRole('link')).toHaveAttribute('href', baseURL!)

  // Its automation drops folders only where pages get handles; here the folder comes through the picker.
  await page.getByTestId('folder-input').setInputFiles(await somePhotos(folder))
  await trainBriefly(page)
  await page.getByTestId('engine-chip').click()
  await expect(page.getByTestId('engine-line')).toContainText(/not secure.*photos a second/)
  await page.keyboard.press('Escape')
  await expect(page.locator('[data-testid=run-notice][data-code=checkpoint-failed]')).toBeVisible()
  await page.getByTestId('tab-weights').click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('download-best').click(),
  ])
  expect((await readFile(await download.path())).length).toBeGreaterThan(4e7)
})

test('without a graphics card the chip says so, and how fast the processor is', async ({
  watched,
  folder,
}) => {
  await watched.goto('./')
  await drop(watched, [await somePhotos(folder)])
  const chip = watched.getByTestId('engine-chip')
  await expect(chip).toHaveAttribute('data-engine', 'wasm')
  await chip.hover()
  await expect(watched.getByTestId('engine-line')).toHaveText(
    /^No GPU here: training on the processor, about [\d.,]+ photos a second\.$/,
  )
  await expect(watched.getByTestId('engine-why')).toContainText('64 px')
  await watched.getByTestId('language').click()
  await chip.hover()
  await expect(watched.getByTestId('engine-line')).toHaveText(
    /^这里没有 GPU：在处理器上训练，每秒约 [\d.,]+ 张照片。$/,
  )
})

test('a window that may keep nothing says so, trains, and gives its weights', async ({ folder, baseURL }) => {
  const context = await windowWithoutStorage(join(folder, 'profile'), baseURL!)
  const [page] = context.pages()
  await page.goto('./')
  const notice = page.getByTestId('notice-nothing-kept')
  await expect(notice).toContainText('Download the weights')
  await drop(page, [await somePhotos(folder)])
  await trainBriefly(page)
  await expect(page.locator('[data-testid=run-notice][data-code=checkpoint-failed]')).toBeVisible()
  await page.getByTestId('tab-weights').click()
  await Promise.all([page.waitForEvent('download'), page.getByTestId('download-best').click()])

  await page.getByTestId('language').click()
  await expect(notice).toContainText('请下载权重')
  await notice.getByRole('button').click()
  await expect(notice).toBeHidden()
  await context.close()
})

/** Chromium with its setting that no site may store anything: page and workers get neither files nor database. */
async function windowWithoutStorage(profile: string, baseURL: string): Promise<BrowserContext> {
  await mkdir(join(profile, 'Default'), { recursive: true })
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } }
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(settings))
  return chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: HEADLESS,
    baseURL,
    locale: 'en-US',
    viewport: { width: 1366, height: 768 },
  })
}

test('a browser that adds noise to what a canvas gives back is found, in the page and in its workers', async ({
  page,
}) => {
  const noise = (change: string) => `{
    const read = OffscreenCanvasRenderingContext2D.prototype.getImageData
    OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...area) {
      const picture = read.apply(this, area)
      ${change}
      return picture
    }
  }`
  await inject(page, noise('for (let i = 0; i < picture.data.length; i += 400) picture.data[i] ^= 1'))
  await page.goto('./')
  await expect(page.getByTestId('notice-canvas-noise')).toContainText('by up to 1 of 255')

  await inject(page, noise('crypto.getRandomValues(picture.data.subarray(0, 36864))'))
  await page.reload()
  await expect(page.getByTestId('notice-canvas-blocked')).toContainText('training would learn nothing')
})

test('a disk that is nearly full is said before training', async ({ page }) => {
  await page.addInitScript('navigator.storage.estimate = async () => ({ quota: 6e7, usage: 2e7 })')
  await page.goto('./')
  await expect(page.getByTestId('notice-little-space')).toContainText('Only 40.0 MB')
})

test('a browser that is too old, or that cannot load the page, gets a sentence instead of a blank page', async ({
  page,
}) => {
  await page.addInitScript('if (!location.search) delete globalThis.OffscreenCanvas')
  await page.goto('./')
  await expect(page.getByRole('alert')).toContainText('It lacks: OffscreenCanvas.')

  await page.route(/assets\/index-[^/]*\.js$/, (route) => route.abort())
  await page.goto('./?search')
  await expect(page.getByRole('alert')).toContainText('Is its server still running?')
})

test('opened as a file, or without JavaScript, the page says what to do', async ({
  page,
  browser,
  baseURL,
}) => {
  // The page of the server under test, saved to disk as a person would.
  await page.goto('./')
  const served = await (await page.request.get('./')).text()
  const script = await (await page.request.get('./can-start.js')).text()
  const file = pathToFileURL(join(test.info().outputPath('.'), 'index.html'))
  await Promise.all(
    [
      ['index.html', served],
      ['can-start.js', script],
    ].map(([name, text]) => writeFile(test.info().outputPath(name), text)),
  )
  await page.goto(file.href)
  await expect(page.getByRole('alert')).toContainText('npm start')

  const context = await browser.newContext({ javaScriptEnabled: false, baseURL })
  const plain = await context.newPage()
  await plain.goto('./')
  await expect(plain.getByRole('heading')).toHaveText('Tabtune needs JavaScript')
  await context.close()
})
