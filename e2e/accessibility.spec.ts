import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { presetRecipe } from '../src/recipe/index.ts'
import { inspect, type Language } from './inspect.ts'
import { completed, drop, expect, giveRecipe, set, test } from './page.ts'
import { writePhotos } from './photos.ts'

const LAPTOP = { width: 1366, height: 768 }
const PHONE = { width: 390, height: 844 }
/** A laptop's window at 200 % zoom. */
const ZOOMED = { width: 683, height: 384 }

/** A folder with a problem that is fatal, and one with problems that are not. */
async function troubledFolders(folder: string): Promise<{ fatal: string; troubled: string }> {
  const fatal = join(folder, 'one-class')
  await writePhotos(fatal, { train: 2, valid: 1, size: 48 })
  for (const split of ['train', 'valid'])
    for (const name of ['button', 'citrus', 'key', 'shell'])
      await rm(join(fatal, split, name), { recursive: true })
  const troubled = join(folder, 'things')
  await writePhotos(troubled, { train: 4, valid: 2, size: 64 })
  await writeFile(join(troubled, 'train', 'leaf', 'torn.jpg'), 'no photo')
  await mkdir(join(troubled, 'train', 'shells'))
  return { fatal, troubled }
}

/** A recipe of another machine, whose memory, cores and half precision are not to be had here; then nonsense. */
async function machineSettings(page: Page): Promise<void> {
  const panel = page.getByTestId('settings-panel')
  await giveRecipe(page, { ...presetRecipe('course'), precision: 'float16', memoryLimit: 128, workers: 4 })
  await expect(panel.getByTestId('precision')).toBeVisible()
  for (const [name, value] of [
    ['memory-limit', '0.001'],
    ['workers', '99'],
  ] as const) {
    await panel.getByTestId(name).fill(value)
    await expect(panel.getByTestId(name)).toHaveAttribute('aria-invalid', 'true')
  }
}

/** The states one after the other, as a person comes by them. */
async function walk(page: Page, folder: string, language: Language): Promise<string[]> {
  const found: string[] = []
  const look = async (state: string) => {
    found.push(...(await inspect(page, state, language)))
  }
  const { fatal, troubled } = await troubledFolders(folder)

  await page.goto('./')
  await expect(page.getByTestId('drop-zone')).toBeVisible()
  await look('first visit')
  await page.getByTestId('use-camera').click()
  await expect(page.getByTestId('class-card').first()).toBeVisible()
  await look('collecting')
  await page.getByTestId('collect-back').click()
  await expect(page.getByTestId('drop-zone')).toBeVisible()
  await drop(page, [fatal])
  await expect(page.getByTestId('problems')).toBeVisible()
  await look('a folder with one class')
  await drop(page, [troubled])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await expect(page.getByTestId('decoding')).toBeHidden()
  await look('after a drop')

  await page.getByTestId('open-class').first().click()
  await expect(page.getByTestId('class-photo').first()).toBeVisible()
  await look('photos of a class')
  await page.getByTestId('close-photos').click()
  await page.getByTestId('settings').click()
  await expect(page.getByTestId('settings-panel')).toBeVisible()
  await look('settings open')
  await machineSettings(page)
  await look('what the machine cannot do')
  await page.getByTestId('recipe-undo').click()
  await page.getByTestId('settings').click()
  await set(page, { size: 32, batch: 16, 'epochs-head': 60, 'epochs-all': 1 }, 'wasm')

  await page.getByTestId('train').click()
  await expect(page.getByTestId('accuracy-now')).not.toBeEmpty()
  await page.getByTestId('pause').click()
  await expect(page.getByTestId('resume')).toBeVisible()
  await look('paused in stage 1')
  await page.getByTestId('resume').click()
  await look('training')
  await completed(page)
  for (const tab of await page.getByTestId('results-panel').getByRole('tab').all()) {
    await tab.click()
    await look(`done, ${await tab.textContent()}`)
  }
  await page.getByTestId('about').click()
  await expect(page.getByTestId('about-box')).toContainText(/(fma|simd)-\d/)
  await expect(page.getByTestId('about-box').locator('dt', { hasText: /^(fma|simd)$/ })).toHaveCount(1)
  await look('about box')
  await page.keyboard.press('Escape')

  for (const [name, size] of [
    ['zoomed to 200 %', ZOOMED],
    ['on a phone', PHONE],
  ] as const) {
    await page.setViewportSize(size)
    for (const tab of await page.getByTestId('mobile-bar').getByRole('button').all()) {
      await tab.click()
      await look(`${name}, ${await tab.textContent()}`)
    }
  }
  await page.reload()
  await expect(page.getByTestId('drop-zone')).toBeVisible()
  await look('coming back, on a phone')
  await page.setViewportSize(LAPTOP)
  await look('coming back')
  return found
}

/** A run that fails at once: the engine's file does not come. */
async function fail(page: Page, photos: string, language: Language): Promise<string[]> {
  await page.route('**/*.wasm', (route) => route.abort())
  await page.goto('./')
  await drop(page, [photos])
  await page.getByTestId('train').click()
  await expect(page.getByTestId('run-failure')).toBeVisible()
  return inspect(page, 'failed', language)
}

test.describe('axe finds nothing, no control is cut off, no word untranslated, one button primary', () => {
  test('in the light, in English', async ({ watched, folder }) => {
    await watched.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    expect(await walk(watched, folder, 'en')).toEqual([])
  })

  test('after a run that failed', async ({ page, photos }) => {
    expect(await fail(page, photos, 'en')).toEqual([])
  })

  test.describe('in a Chinese browser', () => {
    test.use({ locale: 'zh-CN' })
    test('in the dark, in Chinese', async ({ watched, folder }) => {
      await watched.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      expect(await walk(watched, folder, 'zh')).toEqual([])
    })
  })
})
