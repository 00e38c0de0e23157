import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { drop, expect, set, test } from './page.ts'
import { writePhotos } from './photos.ts'

const card = (page: Page, name: string): Locator => page.getByRole('article', { name, exact: true })
const photosIn = (page: Page, name: string): Promise<number> =>
  card(page, name).getByTestId('collected-photo').count()
const counts = (page: Page): Promise<string[]> => page.getByTestId('class-count').allTextContents()
const parts = (page: Page, name: string): Locator => card(page, name).getByTestId('photo-group')

/** Holds the button by `press` until `more` photos have come, then lets go by `release`. */
async function record(
  page: Page,
  name: string,
  more: number,
  press: () => Promise<void>,
  release: () => Promise<void>,
) {
  const before = await photosIn(page, name)
  await press()
  await expect.poll(() => photosIn(page, name)).toBeGreaterThanOrEqual(before + more)
  await release()
  await expect(page.getByTestId('recording')).toBeHidden()
}

async function byPointer(page: Page, name: string, more: number): Promise<void> {
  await page.getByTestId('hold').hover()
  await record(
    page,
    name,
    more,
    () => page.mouse.down(),
    () => page.mouse.up(),
  )
}

async function byKey(page: Page, name: string, more: number, key: 'Space' | 'Enter'): Promise<void> {
  await page.getByTestId('hold').focus()
  await record(
    page,
    name,
    more,
    () => page.keyboard.down(key),
    () => page.keyboard.up(key),
  )
}

async function startWithCamera(page: Page): Promise<void> {
  await page.goto('./')
  await page.getByTestId('use-camera').click()
  await expect(page.getByTestId('hold')).toBeVisible()
  await expect
    .poll(() => page.getByTestId('collect-camera').evaluate((video: HTMLVideoElement) => video.readyState))
    .toBeGreaterThanOrEqual(2)
}

async function rename(page: Page, from: string, to: string): Promise<void> {
  const field = card(page, from).getByTestId('class-name')
  await field.fill(to)
  await field.press('Enter')
}

test('without a folder: two classes from the camera are trained, saved as a zip and read from it again', async ({
  watched: page,
  folder,
}) => {
  await startWithCamera(page)
  const train = page.getByTestId('collect-train')
  await expect(train).toBeDisabled()
  await expect(page.getByTestId('next-step')).toContainText('10 more photos')

  // Names are changed in place; one that is taken is refused at once.
  await rename(page, 'Class 1', 'cup')
  await card(page, 'Class 2').getByTestId('class-name').fill('Cup')
  await expect(card(page, 'Class 2').getByRole('alert')).toContainText('Another class has this name')
  await rename(page, 'Class 2', 'pen / ink')

  // Held by pointer, then by both keys.
  await page.getByRole('radio', { name: /^cup/ }).check({ force: true })
  await byPointer(page, 'cup', 6)
  await byPointer(page, 'cup', 5)
  await page.getByRole('radio', { name: /^pen/ }).check({ force: true })
  await byKey(page, 'pen / ink', 12, 'Space')
  await expect(page.getByTestId('next-step')).toContainText('once more')
  await byKey(page, 'pen / ink', 3, 'Enter')
  await expect(parts(page, 'cup')).toHaveCount(2)
  await expect(parts(page, 'pen / ink')).toHaveCount(2)

  // A file on a class; what is no photo is named.
  await writePhotos(folder, { train: 1, valid: 1, size: 64 })
  const photo = join(folder, 'train/leaf/leaf-01.jpg')
  await card(page, 'cup')
    .getByTestId('class-files')
    .setInputFiles([photo, join(import.meta.dirname, 'page.ts')])
  await expect(page.getByTestId('refused')).toContainText('page.ts')
  await expect(parts(page, 'cup')).toHaveCount(3)

  // A removed class comes back; a photo goes for good.
  const before = await counts(page)
  await card(page, 'cup').getByTestId('remove-class').click()
  await expect(page.getByTestId('class-card')).toHaveCount(1)
  await page.getByTestId('undo').click()
  expect(await counts(page)).toEqual(before)
  await card(page, 'pen / ink').getByTestId('collected-photo').last().press('Delete')
  await expect.poll(() => counts(page)).not.toEqual(before)

  const inCup = await photosIn(page, 'cup')
  const inPen = await photosIn(page, 'pen / ink')
  const saving = page.waitForEvent('download')
  await page.getByTestId('save-zip').click()
  const zip = join(folder, 'My photos.zip')
  await (await saving).saveAs(zip)
  expect((await readFile(zip)).length).toBeGreaterThan(1000)

  // The photos survive a reload, and are an ordinary dataset.
  await page.reload()
  await page.getByTestId('go-on').click()
  await expect.poll(() => photosIn(page, 'cup')).toBe(inCup)
  expect(await photosIn(page, 'pen / ink')).toBe(inPen)
  await page.getByTestId('collect-settings').click()
  await set(page, { 'epochs-head': 300, 'epochs-all': 0 }, 'wasm')
  await page.getByTestId('train').click()
  await expect(page.getByTestId('accuracy-now')).not.toBeEmpty()
  await page.getByTestId('add-photos').click()
  await expect(page.getByTestId('collect-error')).toContainText('A run is going on')
  await page.getByTestId('stop').click()
  await expect(page.getByTestId('run-result')).toHaveAttribute('data-status', 'stopped')
  await expect(page.getByTestId('collect-error')).toHaveCount(0)
  const listed = () => page.getByTestId('class-row').allTextContents()
  const trained = await listed()

  // The zip is the same dataset.
  await page.goto('./')
  await drop(page, [zip])
  await expect(page.getByTestId('dataset-counts')).toContainText(`${inCup + inPen}`)
  expect(await listed()).toEqual(trained)
  expect(trained.join()).toContain('pen / ink')
})

test('classes that are being made in one tab are in use in another, which says so', async ({
  watched: page,
  context,
}) => {
  await startWithCamera(page)
  await page.getByRole('radio', { name: /^Class 2/ }).check({ force: true })
  await byPointer(page, 'Class 2', 2)
  await page.getByRole('radio', { name: /^Class 1/ }).check({ force: true })
  await byPointer(page, 'Class 1', 2)
  const other = await context.newPage()
  await other.goto('./')
  await other.getByTestId('go-on').click()
  await expect(other.getByTestId('collect-error')).toContainText('another tab')
  await other.close()
})

test('a picture from the clipboard goes to the chosen class', async ({ watched: page }) => {
  await startWithCamera(page)
  await page.getByRole('radio', { name: /^Class 2/ }).check({ force: true })
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 30)
    canvas.getContext('2d')?.fillRect(0, 0, 20, 30)
    const file = new File([await canvas.convertToBlob()], 'image.png', { type: 'image/png' })
    const transfer = new DataTransfer()
    transfer.items.add(file)
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }))
  })
  await expect.poll(() => photosIn(page, 'Class 2')).toBe(1)
  expect(await photosIn(page, 'Class 1')).toBe(0)
})
