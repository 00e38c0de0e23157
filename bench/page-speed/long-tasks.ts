/** Tasks over 50 ms as the page itself is told of them (PerformanceObserver). */
import type { Page } from '@playwright/test'
import { z } from 'zod'

const LIST = 'tabtuneLongTasks'

/** Collects durations in ms from now on, with the page's other observers untouched. */
export async function startLongTasks(page: Page): Promise<void> {
  await page.evaluate((list) => {
    const durations: number[] = []
    Reflect.set(window, list, durations)
    new PerformanceObserver((entries) => {
      for (const { duration } of entries.getEntries()) durations.push(duration)
    }).observe({ type: 'longtask' })
  }, LIST)
}

/** Durations in ms since `startLongTasks`. */
export async function longTasks(page: Page): Promise<number[]> {
  return z.array(z.number()).parse(await page.evaluate((list) => Reflect.get(window, list), LIST))
}
