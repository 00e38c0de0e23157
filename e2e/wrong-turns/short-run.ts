/** A run of seconds, for what happens beside it. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { drop, expect, type Settings, set } from '../page.ts'
import { writePhotos } from '../photos.ts'

export const SMALL: Settings = { size: 32, batch: 8, 'epochs-head': 1, 'epochs-all': 1 }

/** Five classes with 3 photos to train on and 2 to validate each, dropped, with settings for a short run. */
export async function open(page: Page, folder: string, settings: Settings, engine?: 'webgpu' | 'wasm') {
  const photos = join(folder, 'things')
  await writePhotos(photos, { train: 3, valid: 2, size: 64 })
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await set(page, settings, engine)
}

export const firstEpoch = (page: Page) => expect(page.getByTestId('accuracy-now')).not.toBeEmpty()
