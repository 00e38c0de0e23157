/** The main job from the drop to the webcam, as one person does it. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { completed, drop, expect, pointsOf, predictions, type Settings, set } from './page.ts'

interface Job {
  photos: string
  settings: Settings
  engine?: 'webgpu' | 'wasm'
  /** Photos to validate. */
  validation: number
  /** The engine that must have trained. */
  expected: 'webgpu' | 'wasm'
}

export async function mainJob(
  page: Page,
  { photos, validation, settings, engine, expected }: Job,
): Promise<void> {
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('dataset-name')).toHaveText('things')
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await set(page, settings, engine)
  await lockLayer1(page)

  await page.getByTestId('train').click()
  await completed(page)
  await expect(page.getByTestId('engine-chip')).toHaveAttribute('data-engine', expected)
  const epochs = (settings['epochs-head'] ?? 0) + (settings['epochs-all'] ?? 0)
  for (const name of ['chart-loss', 'chart-accuracy'])
    await expect.poll(() => pointsOf(page.getByTestId(name))).toBeGreaterThanOrEqual(epochs)

  const trained = await predictions(page)
  expect(Object.keys(trained)).toHaveLength(validation)
  await downloadAndLoad(page, dirname(photos))
  await expect(page.getByTestId('loaded-weights')).toContainText('best.safetensors')
  await expect.poll(() => predictions(page)).toEqual(trained)
  await expect(page.getByTestId('predictions')).toContainText('best.safetensors')
  await classifyWebcam(page)
  await expect(page.getByTestId('requests-chip')).toHaveAttribute('data-count', '0')
}

/** layer1 is locked in stage two, and the page counts one stage less as learning. */
async function lockLayer1(page: Page): Promise<void> {
  const layer = page.getByTestId('stage-layer1')
  const before = await page.getByTestId('learns-sum').textContent()
  await expect(layer).toHaveAttribute('data-learns', 'true')
  await layer.getByRole('switch').press('Space')
  await expect(layer).not.toHaveAttribute('data-learns')
  await expect(layer).toContainText('frozen')
  await expect(page.getByTestId('learns-sum')).not.toHaveText(before ?? '')
}

/** best.safetensors has torchvision's 122 entries; it is given back through the file input. */
async function downloadAndLoad(page: Page, folder: string): Promise<void> {
  await page.getByTestId('tab-weights').click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('download-best').click(),
  ])
  expect(download.suggestedFilename()).toBe('best.safetensors')
  const path = join(folder, 'best.safetensors')
  await download.saveAs(path)
  const bytes = await readFile(path)
  const header: Record<string, unknown> = JSON.parse(
    bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))),
  )
  expect(Object.keys(header).filter((name) => name !== '__metadata__')).toHaveLength(122)
  expect(header['fc.weight']).toMatchObject({ dtype: 'F32', shape: [5, 512] })
  await page.getByTestId('load-weights-input').setInputFiles(path)
}

/** Chromium's fake camera: an answer stands there, and bars for the classes. */
async function classifyWebcam(page: Page): Promise<void> {
  await page.getByTestId('tab-try').click()
  await page.getByTestId('start-webcam').click()
  await expect(page.getByTestId('answer')).not.toBeEmpty()
  await expect(page.getByTestId('top-k').getByRole('listitem')).toHaveCount(5)
  await page.getByTestId('stop-webcam').click()
}
