/** Files and folders that are not what they seem, or do not stay what they were. */
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Page } from '@playwright/test'
import { drawnPhotos } from '../../tests/drawn-photos/photo-set.ts'
import { fixture, writePanorama, writeZip } from '../odd-files.ts'
import { completed, drop, expect, set, test } from '../page.ts'
import { writePhotos } from '../photos.ts'
import { firstEpoch, open, SMALL } from './short-run.ts'

const problem = (page: Page, code: string) => page.getByTestId('problems').locator(`[data-code="${code}"]`)

test('a folder without files or images, and broken archives, say what to drop instead; a whole zip then opens', async ({
  watched: page,
  folder,
}) => {
  const path = (name: string) => join(folder, name)
  await mkdir(path('nothing'))
  await mkdir(path('texts/cats'), { recursive: true })
  await writeFile(path('texts/cats/notes.txt'), 'no picture')
  await writeFile(path('texts/cats/more.rar'), 'Rar!')
  await writeFile(path('cut.zip'), (await readFile(fixture('scene.png'))).subarray(0, 60))
  const photos = await writePhotos(path('things'), { train: 3, valid: 2, size: 64 })

  await page.goto('./')
  await drop(page, [path('nothing')])
  await expect(problem(page, 'empty')).toContainText(
    'Drop a folder that holds one subfolder of photos a class',
  )
  await drop(page, [path('texts')])
  await expect(problem(page, 'no-images')).toContainText('HEIC or TIFF')
  await expect(problem(page, 'archive-inside')).toContainText('cats/more.rar')
  await drop(page, [path('cut.zip')])
  await expect(problem(page, 'zip-broken')).toContainText('cut.zip cannot be read as a zip')
  await expect(page.getByTestId('problems').getByRole('listitem')).toHaveCount(1)

  await writeZip(
    path('packed.zip'),
    new Map(photos.map((photo) => [`things/${photo.path}`, path(`things/${photo.path}`)])),
  )
  await drop(page, [path('packed.zip')])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await expect(page.getByTestId('problems')).toHaveCount(0)
})

test('sample photos that do not come are said not to; asked for again once they are there, they open', async ({
  page,
}) => {
  await page.route('**/samples/*.zip', (route) => route.fulfill({ status: 404 }))
  await page.goto('./')
  await page.getByTestId('use-samples').click()
  const error = page.getByTestId('folder-error')
  await expect(error).toContainText('The sample photos could not be opened')
  await expect(error).toContainText('answered 404')
  await page.unroute('**/samples/*.zip')
  await page.getByTestId('use-samples').click()
  await expect(page.getByTestId('class-row')).toHaveText([/cardboard/, /glass/, /paper/])
  await expect(page.getByTestId('problems')).toHaveCount(0)
})

test('odd photos of every kind train, and only those that are none are left out, each with its reason', async ({
  watched: page,
  folder,
}) => {
  const flat = join(folder, 'flat')
  const photos = await writePhotos(join(folder, 'things'), { train: 3, valid: 2, size: 64 })
  await mkdir(flat)
  const rows = ['file;class;split']
  for (const { path, className, split } of photos) {
    const name = basename(path)
    await copyFile(join(folder, 'things', path), join(flat, `${split}-${name}`))
    rows.push(`${split}-${name};${className};${split}`)
  }
  const odd = [
    'scene.heic',
    'rotated.heic',
    'cmyk.jpg',
    'cmyk.tif',
    'rgb-16.tif',
    'rgb-16.png',
    'gray-16.tif',
  ]
  for (const name of odd) await copyFile(fixture(name), join(flat, name))
  await copyFile(fixture('rgb-orientation-6.tif'), join(flat, 'really-a-tiff.jpg'))
  await writePanorama(join(flat, 'panorama.png'), 20_000, 2_500)
  await writePanorama(join(flat, 'pixel.png'), 1, 1)
  const jpeg = await readFile(join(folder, 'things', photos[0].path))
  await writeFile(join(flat, 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2))
  await writeFile(join(flat, 'text.jpg'), 'no picture')
  const { className } = photos[0]
  for (const name of [
    ...odd,
    'really-a-tiff.jpg',
    'panorama.png',
    'pixel.png',
    'cut.jpg',
    'text.jpg',
    'gone.jpg',
  ])
    rows.push(`${name};${className};train`)
  await writeFile(join(flat, 'labels.csv'), `\uFEFF${rows.join('\r\n')}\r\n`)

  await page.goto('./')
  await drop(page, [flat])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await expect(problem(page, 'csv-missing-files')).toContainText('gone.jpg')
  await page.getByTestId('problems').locator('summary').click()
  await expect(problem(page, 'unreadable-photo')).toHaveCount(2)
  await expect(problem(page, 'unreadable-photo').filter({ hasText: 'cut.jpg' })).toContainText('cut off')
  await expect(problem(page, 'unreadable-photo').filter({ hasText: 'text.jpg' })).toContainText(
    'not an image',
  )

  await set(page, { ...SMALL, 'epochs-all': 0 }, 'wasm')
  await page.getByTestId('train').click()
  await completed(page)
  await expect(problem(page, 'unreadable-photo')).toHaveCount(2)
})

test('photos that vanish or change during a run are skipped and listed; when the folder goes, the best is kept', async ({
  watched: page,
  folder,
}) => {
  await open(page, folder, { ...SMALL, 'epochs-all': 500 }, 'wasm')
  const things = join(folder, 'things')
  const train = drawnPhotos(3, 2).filter(({ split }) => split === 'train')
  await page.getByTestId('train').click()
  await firstEpoch(page)
  await rm(join(things, train[0].path))
  await writeFile(join(things, train[1].path), 'no picture any more')
  await page.getByTestId('problems').locator('summary').click()
  await expect(problem(page, 'unreadable-photo').filter({ hasText: train[0].path })).toContainText(
    'no longer there',
  )
  await expect(problem(page, 'unreadable-photo').filter({ hasText: train[1].path })).toContainText(
    'not an image',
  )
  const before = await page.title()
  await expect.poll(() => page.title()).not.toBe(before)

  await rename(things, join(folder, 'elsewhere'))
  const failure = page.getByTestId('run-failure')
  await expect(failure).toHaveAttribute('data-code', 'folder-gone')
  await expect(failure).toContainText('no longer where they were')
  await expect(failure).toContainText('kept')
  await expect(page.getByTestId('try-webcam')).toBeEnabled()
})
