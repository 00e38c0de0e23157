import type { Page } from '@playwright/test'
import { chromiumPath, SOFTWARE_WEBGPU } from '../scripts/chromium.mjs'
import type { Tuning } from '../src/engine/plan/tuner.ts'
import { presetRecipe, type Recipe, withSize } from '../src/recipe/index.ts'
import { inspect, type Language } from './inspect.ts'
import { drop, expect, giveRecipe, test } from './page.ts'

test.use({ launchOptions: { executablePath: chromiumPath(), args: SOFTWARE_WEBGPU } })

const PHONE = { width: 390, height: 844 }
/** Another family for layer1 than for the rest: measuring may come to one for all, and then there is no table. */
const KERNELS = 'quads-16x32,registers:abaaaaaaaaaa.-baaaaaaaaaa.abaaaaaaaaaa'
const TUNING: Tuning = {
  kernels: KERNELS,
  size: 64,
  count: 8,
  entries: [
    { layer: 'layer1.0.conv1', kind: 'forward', milliseconds: { registers: 14.2, 'quads-16x32': 19 } },
  ],
  milliseconds: 2600,
  complete: false,
}

/** What this browser keeps of an earlier measurement. */
const keepTuning = (page: Page): Promise<void> =>
  page.evaluate(
    (tuning) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('tabtune-kernels')
        request.onupgradeneeded = () => request.result.createObjectStore('tunings')
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          const write = request.result.transaction('tunings', 'readwrite')
          write.objectStore('tunings').put(tuning, 'an earlier one')
          write.oncomplete = () => {
            request.result.close()
            resolve()
          }
        }
      }),
    TUNING,
  )

/** A recipe with the kernels of an earlier run. */
function repeated(): Recipe {
  return {
    ...withSize(presetRecipe('quick'), 32),
    engine: 'webgpu',
    resolved: { engine: 'webgpu', kernels: KERNELS, microBatch: null },
  }
}

/** At a laptop's width, then on a phone. */
async function lookAtTable(page: Page, language: Language): Promise<string[]> {
  const table = page.getByTestId('kernel-table')
  await table.scrollIntoViewIfNeeded()
  const found = await inspect(page, 'kernels', language)
  const { width, height } = page.viewportSize()!
  await page.setViewportSize(PHONE)
  found.push(...(await inspect(page, 'kernels on a phone', language)))
  const box = await page.getByTestId('about-box').evaluate((box) => [box.scrollWidth, box.clientWidth])
  expect(box[0]).toBe(box[1])
  await page.setViewportSize({ width, height })
  return found
}

test('the about box tells which kernels compute which layer, in both languages, light and dark', async ({
  watched: page,
  photos,
}) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto('./')
  await keepTuning(page)
  await drop(page, [photos])
  await page.getByTestId('settings').click()
  await giveRecipe(page, repeated())
  await expect(page.getByTestId('resolved')).toBeVisible()
  await page.getByTestId('settings').click()
  await page.getByTestId('train').click()
  // The engine is open long before its first epoch is over.
  await page.getByTestId('about').click()
  const table = page.getByTestId('kernel-table')
  await expect(table.getByRole('row')).toHaveCount(13)
  await expect(table.getByRole('row').nth(2)).toContainText('registers')
  await expect(table.getByRole('row').nth(2)).toContainText('14')
  expect(await lookAtTable(page, 'en')).toEqual([])

  await page.keyboard.press('Escape')
  await page.getByTestId('language').click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans')
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await page.getByTestId('about').click()
  await expect(table.getByRole('row')).toHaveCount(13)
  expect(await lookAtTable(page, 'zh')).toEqual([])
})
