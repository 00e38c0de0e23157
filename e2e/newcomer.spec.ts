import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import jpeg from 'jpeg-js'
import { chromiumPath, HEADLESS } from '../scripts/chromium.mjs'
import { writeVideo } from './camera.ts'
import { completed, drop, expect, test } from './page.ts'
import { writePhotos } from './photos.ts'
import { writeStrip } from './pictures.ts'

/** What the camera will see. */
const VIDEO = join(tmpdir(), `tabtune-camera-${process.pid}.y4m`)
/** `npm run pictures` asks for the strip of screenshots that the README shows. */
const STRIP = process.env.PICTURES ? fileURLToPath(new URL('../docs/newcomer.png', import.meta.url)) : null

test.use({
  launchOptions: {
    executablePath: chromiumPath(),
    args: [
      ...HEADLESS,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${VIDEO}`,
    ],
  },
})

/** The path of the validation photo that the network is surest of, and is right about. */
async function surest(page: Page): Promise<string> {
  const cards = page.locator('[data-testid=prediction][data-right=true]')
  await expect(cards.first()).toBeVisible()
  const sure = await cards.evaluateAll((all) =>
    all.map((card) => ({
      path: card.getAttribute('data-path') ?? '',
      percent: Number(/([\d.]+)\s*%/.exec(card.textContent ?? '')?.[1]),
    })),
  )
  return sure.reduce((best, card) => (card.percent > best.percent ? card : best)).path
}

async function expectInView(page: Page): Promise<void> {
  for (const part of ['webcam', 'answer', 'top-k'])
    await expect(page.getByTestId(part)).toBeInViewport({ ratio: 1 })
}

test('a newcomer drops a folder and after at most four clicks the camera is told what it sees', async ({
  watched: page,
  folder,
}) => {
  const photos = join(folder, 'things')
  await writePhotos(photos, { train: 4, valid: 2 })
  const screenshots: Buffer[] = []
  const shoot = async () => {
    if (STRIP) screenshots.push(await page.screenshot())
  }
  let clicks = 0
  await page.exposeFunction('countClick', () => clicks++)
  await page.addInitScript(() =>
    addEventListener('click', (event) => event.isTrusted && Reflect.get(window, 'countClick')(), true),
  )

  await page.goto('./')
  await expect(page.getByTestId('drop-zone')).toBeVisible()
  await shoot()
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await expect(page.getByTestId('preset-hint')).toContainText('Suggested')
  await shoot()

  await page.getByTestId('train').click()
  await expect(page.getByTestId('accuracy-now')).not.toBeEmpty()
  await shoot()
  await completed(page)
  await shoot()
  await page.getByTestId('results-panel').evaluate((panel) => panel.scrollIntoView())
  await shoot()

  const path = await surest(page)
  const seen = basename(dirname(path))
  await writeVideo(VIDEO, jpeg.decode(await readFile(join(photos, path))))
  await page.getByTestId('try-webcam').click()
  const answer = page.getByTestId('answer')
  await expect(answer).toContainText(seen)
  // One click brings camera, answer and bars into view together.
  await expectInView(page)
  await shoot()
  expect(clicks).toBeLessThanOrEqual(4)
  test.info().annotations.push({ type: 'clicks after the drop', description: String(clicks) })

  await test.step('on a phone too', async () => {
    await page.getByTestId('stop-webcam').click()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByTestId('panel-tab-train').click()
    await page.getByTestId('try-webcam').click()
    await expect(answer).toContainText(seen)
    await expectInView(page)
  })
  if (STRIP) await writeStrip(STRIP, screenshots, 2)
})
