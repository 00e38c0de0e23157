/** When something happens on the page, by the page's own clock, in ms. */
import type { Page } from '@playwright/test'
import { z } from 'zod'

const LIST = 'tabtuneMoments'

/**
 * From now on the page notes: `drop`, when files were dropped on it; `click`, when something was last clicked; and
 * for each selector the first moment when an element matches it (a picture: once it is decoded).
 */
export async function noteMoments(page: Page, selectors: readonly string[]): Promise<void> {
  await page.evaluate(
    ([list, wanted]) => {
      const moments: Record<string, number> = {}
      Reflect.set(window, list, moments)
      addEventListener('drop', () => (moments.drop = performance.now()), true)
      addEventListener('click', () => (moments.click = performance.now()), true)
      const missing = new Set(wanted)
      const changes = new MutationObserver(() => {
        for (const selector of missing) {
          const element = document.querySelector(selector)
          if (!element) continue
          missing.delete(selector)
          const decoded = element instanceof HTMLImageElement ? element.decode() : Promise.resolve()
          decoded.then(
            () => (moments[selector] = performance.now()),
            () => missing.add(selector),
          )
        }
      })
      changes.observe(document.body, { subtree: true, childList: true, attributes: true })
    },
    [LIST, [...selectors]] as const,
  )
}

/** What was noted, once everything has been. */
export async function readMoments(page: Page, selectors: readonly string[]): Promise<Record<string, number>> {
  await page.waitForFunction(
    ([list, wanted]) => wanted.every((selector) => Reflect.get(window, list)[selector] !== undefined),
    [LIST, [...selectors]] as const,
    { timeout: 240_000 },
  )
  return z
    .record(z.string(), z.number())
    .parse(await page.evaluate((list) => Reflect.get(window, list), LIST))
}
