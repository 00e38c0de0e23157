/** What can go wrong when the network is used: each is said with its remedy, and what worked before works on. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { openWeightFile, writeSafetensors } from '../../src/weights/index.ts'
import { expect, test } from '../page.ts'
import { firstEpoch, open, SMALL } from './short-run.ts'

/** From now on the browser answers so when it is asked for a camera. */
const cameraFails = (page: Page, name: string) =>
  page.evaluate((error) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('as told', error))
  }, name)

test('the network is tried in a pause of its training, whatever the camera does', async ({
  watched: page,
  folder,
}) => {
  await open(page, folder, { ...SMALL, 'epochs-all': 500 }, 'wasm')
  await page.getByTestId('train').click()
  await firstEpoch(page)
  await page.getByTestId('tab-try').click()
  await expect(page.getByTestId('try-busy')).toContainText('busy learning')
  await expect(page.getByTestId('start-webcam')).toHaveCount(0)
  await page.getByTestId('try-pause').click()
  await page.getByTestId('start-webcam').click()
  const answer = page.getByTestId('answer')
  await expect(answer).toContainText('pictures/s')

  await test.step('the language changes while the webcam runs', async () => {
    const video = page.getByTestId('webcam')
    const stream = () => video.evaluate((element: HTMLVideoElement) => (element.srcObject as MediaStream).id)
    const before = await stream()
    await page.getByTestId('language').click()
    await expect(answer).toContainText('幅/秒')
    expect(await stream()).toBe(before)
    await page.getByTestId('language').click()
    await expect(answer).toContainText('pictures/s')
  })

  const error = page.getByTestId('camera-error')
  await test.step('the camera is unplugged, then connected again', async () => {
    await page.getByTestId('webcam').evaluate((element: HTMLVideoElement) => {
      const [track] = (element.srcObject as MediaStream).getVideoTracks()
      track.stop()
      track.dispatchEvent(new Event('ended'))
    })
    await expect(error).toContainText('unplugged')
    await page.getByTestId('start-webcam').click()
    await expect(answer).toContainText('pictures/s')
    await expect(error).toHaveCount(0)
    await page.getByTestId('stop-webcam').click()
  })

  for (const [name, words] of [
    ['NotAllowedError', 'Allow it in the browser’s address bar'],
    ['NotFoundError', 'Connect one'],
    ['NotReadableError', 'in use by another program'],
    ['InvalidStateError', 'as told'],
  ] as const)
    await test.step(`the camera is refused: ${name}`, async () => {
      await cameraFails(page, name)
      await page.getByTestId('start-webcam').click()
      await expect(error).toContainText(words)
    })

  await test.step('the address is not secure', async () => {
    await page.evaluate(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }))
    await page.getByTestId('start-webcam').click()
    await expect(error).toContainText('http://localhost:')
  })

  await test.step('the run goes on, and a photo waits for the next pause', async () => {
    await page.getByTestId('try-resume').click()
    await expect(page.getByTestId('try-busy')).toBeVisible()
    await page
      .getByTestId('try-photos-input')
      .setInputFiles(join(folder, 'things', 'valid', 'leaf', 'leaf-04.jpg'))
    await expect(page.getByTestId('tried-photo').getByRole('status')).toHaveText('looking…')
    await page.getByTestId('stop').click()
    await expect(page.getByTestId('run-result')).toHaveAttribute('data-status', 'stopped')
    await expect(page.getByTestId('tried-photo').getByTestId('answer')).not.toBeEmpty()
  })

  await test.step('weight files that do not fit leave the weights in use', async () => {
    await page.getByTestId('tab-weights').click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId('download-best').click(),
    ])
    const best = await readFile(await download.path())
    const cut = join(folder, 'cut.safetensors')
    await writeFile(cut, best.subarray(0, 1_000_000))
    await page.getByTestId('load-weights-input').setInputFiles(cut)
    const problem = page.getByTestId('load-weights-error')
    await expect(problem).toContainText('stays in use')
    const plain = join(folder, 'plain.safetensors')
    await writeFile(plain, writeSafetensors(openWeightFile(best).state))
    await page.getByTestId('load-weights-input').setInputFiles(plain)
    await expect(problem).toContainText('plain.safetensors does not say its classes')
    await expect(page.getByTestId('weight-facts')).toContainText('5 classes')

    const whole = join(folder, 'best.safetensors')
    await writeFile(whole, best)
    await page.getByTestId('load-weights-input').setInputFiles(whole)
    await expect(page.getByTestId('loaded-weights')).toContainText('best.safetensors')
    await expect(problem).toHaveCount(0)
    await page.getByTestId('use-run-weights').click()
    await expect(page.getByTestId('loaded-weights')).toHaveCount(0)
  })
})
