/** What can go wrong while classes are made by hand: each is said with its remedy, and no photo is lost. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { inspect } from '../inspect.ts'
import { expect, test } from '../page.ts'
import { writePhotos } from '../photos.ts'

/** From now on the browser answers so when it is asked for a camera. */
const cameraFails = (page: Page, name: string) =>
  page.addInitScript((error) => {
    const devices = navigator.mediaDevices
    const real = devices.getUserMedia.bind(devices)
    let first = true
    devices.getUserMedia = (constraints) => {
      if (!first) return real(constraints)
      first = false
      return Promise.reject(new DOMException('as told', error))
    }
  }, name)

const photos = (page: Page) => page.getByTestId('collected-photo')

test('a camera that is refused, then allowed, then unplugged while it records', async ({
  watched: page,
  folder,
}) => {
  await cameraFails(page, 'NotAllowedError')
  await page.goto('./')
  await page.getByTestId('use-camera').click()
  const error = page.getByTestId('camera-error')
  await expect(error).toContainText('Allow it in the browser’s address bar')

  await test.step('files work all the same', async () => {
    await writePhotos(folder, { train: 1, valid: 1, size: 64 })
    await page.getByTestId('class-files').first().setInputFiles(join(folder, 'train/leaf/leaf-01.jpg'))
    await expect(photos(page)).toHaveCount(1)
  })
  expect(await inspect(page, 'camera refused', 'en')).toEqual([])

  await page.getByTestId('camera-start').click()
  await expect(page.getByTestId('hold')).toBeFocused()
  await expect(error).toHaveCount(0)

  await test.step('it is unplugged', async () => {
    await page.keyboard.down('Space')
    await expect.poll(() => photos(page).count()).toBeGreaterThan(2)
    await page.getByTestId('collect-camera').evaluate((element: HTMLVideoElement) => {
      const [track] = element.srcObject instanceof MediaStream ? element.srcObject.getVideoTracks() : []
      track.stop()
      track.dispatchEvent(new Event('ended'))
    })
    await expect(error).toContainText('unplugged')
    await page.keyboard.up('Space')
    await expect(page.getByTestId('recording')).toHaveCount(0)
    expect(await photos(page).count()).toBeGreaterThan(2)
    await page.getByTestId('camera-start').click()
    await expect(page.getByTestId('hold')).toBeVisible()
  })

  await page.setViewportSize({ width: 390, height: 844 })
  expect(await inspect(page, 'recorded on a phone', 'en')).toEqual([])

  await test.step('the language changes', async () => {
    const before = await photos(page).count()
    await page.getByTestId('language').click()
    await expect(page.getByTestId('hold')).toContainText('按住录制')
    expect(await photos(page).count()).toBe(before)
  })
})

test('a browser that keeps no files takes photos all the same, and says how to keep them', async ({
  watched: page,
}) => {
  await page.addInitScript(() => {
    StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('private', 'SecurityError'))
  })
  // Workers have scripts of their own.
  await page.route('**/collection.worker*', async (route) => {
    const response = await route.fetch()
    const private_ = `StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('', 'SecurityError'));`
    await route.fulfill({ response, body: `${private_}${await response.text()}` })
  })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('./')
  await page.getByTestId('language').click()
  // Its texts are fetched first; classes are named in the language that stands there when they are made.
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans')
  await page.getByTestId('use-camera').click()
  await expect(page.getByTestId('unkept')).toContainText('请存为压缩包')
  await page.getByTestId('hold').focus()
  await page.keyboard.down('Enter')
  await expect.poll(() => photos(page).count()).toBeGreaterThan(1)
  await page.keyboard.up('Enter')
  expect(await inspect(page, 'collecting on a phone', 'zh')).toEqual([])

  await test.step('back and again: they are still there, until the tab is closed', async () => {
    const before = await photos(page).count()
    await page.getByTestId('collect-back').click()
    await page.getByTestId('go-on').click()
    await expect(photos(page)).toHaveCount(before)
    expect(await inspect(page, 'classes opened again', 'zh')).toEqual([])
  })
})
