import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator, Page } from '@playwright/test'
import { presetRecipe } from '../../src/recipe/index.ts'
import { IMAGENET_CONV1_ROW, writeSafetensors } from '../../src/weights/index.ts'
import { randomState } from '../../src/weights/random-state.ts'
import { chooseLesson, drop, expect, numbers, rows, set, test } from '../page.ts'
import { writePhotos } from '../photos.ts'

/** Five classes with two photos to learn from and one to validate. */
async function open(page: Page, folder: string): Promise<void> {
  await writePhotos(folder, { train: 2, valid: 1, size: 64 })
  await drop(page, [folder])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await chooseLesson(page)
}

async function settings(page: Page): Promise<Locator> {
  await page.getByTestId('settings').click()
  return page.getByTestId('settings-panel')
}

const give = (input: Locator, name: string, content: string | Uint8Array) =>
  input.setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) })

const asJson = (recipe: object) => JSON.stringify(recipe)

test('impossible values are refused where they stand, and the recipe keeps its own', async ({
  watched: page,
  folder,
}) => {
  await page.goto('./')
  await open(page, folder)
  const panel = await settings(page)

  await test.step('typed', async () => {
    const batch = panel.getByTestId('batch')
    await expect(panel).toContainText('Only 10 training photos: one step an epoch.')
    await batch.fill('900')
    await expect(batch).toHaveAttribute('aria-invalid', 'true')
    await expect(panel).toContainText('must be at most 512; 128 stays in use.')
    await batch.fill('4')
    await expect(panel).toContainText('3 steps an epoch.')
    await panel.getByTestId('rate-head').fill('0')
    await expect(panel).toContainText('must be more than 0; 0.01 stays in use.')
    await panel.getByTestId('epochs-all').fill('')
    await expect(panel).toContainText('must be a number; 20 stays in use.')
    await panel.getByTestId('reset-all').click()
    await expect(batch).toHaveValue('128')
  })

  await test.step('imported', async () => {
    const input = panel.getByTestId('recipe-input')
    const course = presetRecipe('course')
    const { head } = course.stages
    await give(
      input,
      'broken.json',
      asJson({ ...course, batch: 0, stages: { ...course.stages, head: { ...head, epochs: 1.5 } } }),
    )
    const refused = panel.getByTestId('recipe-refused')
    await expect(refused).toContainText('“broken.json” were not taken')
    await expect(refused).toContainText('batch must be at least 1')
    await expect(refused).toContainText('stages.head.epochs must be a whole number')
    await give(input, 'letter.json', 'Dear class,')
    await expect(refused).toContainText('The file is no JSON document.')
    await expect(refused).toContainText('The settings stay as they were.')
    await expect(panel.getByTestId('batch')).toHaveValue('128')

    await give(input, 'recipe.json', asJson({ ...course, batch: 7 }))
    await expect(panel.getByTestId('recipe-taken')).toContainText('came from “recipe.json”')
    await expect(panel.getByTestId('batch')).toHaveValue('7')
    await panel.getByTestId('recipe-undo').click()
    await expect(panel.getByTestId('batch')).toHaveValue('128')
  })
})

test('a link carries the settings to another page; a broken one leaves them as they were', async ({
  watched: page,
  context,
  folder,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('./')
  await open(page, folder)
  await set(page, { batch: 5, seed: 77, size: 96 })
  await (await settings(page)).getByTestId('copy-link').click()
  await expect(page.getByTestId('link-note')).toContainText('The link is copied.')
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('#recipe=')

  await test.step('opened', async () => {
    await page.goto('about:blank')
    await page.goto(link)
    await expect(page.getByTestId('recipe-taken')).toContainText('photos of 96 px, 20 + 20 epochs, seed 77')
    await open(page, folder)
    await expect((await settings(page)).getByTestId('batch')).toHaveValue('5')
    await page.getByTestId('settings').click()
    await page.getByTestId('recipe-undo').click()
    // What is proposed for a new folder.
    await expect((await settings(page)).getByTestId('batch')).toHaveValue('32')
  })

  await test.step('cut off, or changed on its way', async () => {
    await page.goto('about:blank')
    await page.goto(link.slice(0, -40))
    await expect(page.getByTestId('recipe-refused')).toContainText('The link was cut off or changed')
    await open(page, folder)
    await expect((await settings(page)).getByTestId('seed')).toHaveValue('0')
  })
})

test('files that hold no ResNet-18 say what they are, and the weights before stay chosen', async ({
  watched: page,
  folder,
}) => {
  await page.goto('./')
  await open(page, folder)
  const input = page.getByTestId('weights-input')
  const error = page.getByTestId('weights-file-error')
  const whole = await readFile('public/models/resnet18-imagenet.safetensors')

  await give(input, 'half.safetensors', whole.subarray(0, whole.length / 2))
  await expect(error).toHaveAttribute('data-code', 'truncated')
  await expect(error).toContainText('Copy or download it again. What was chosen before stays in use.')
  await give(input, 'letter.pth', 'Dear class,')
  await expect(error).toHaveAttribute('data-code', 'not-weights')
  const filter = randomState(2).get('conv1.weight')!
  await give(input, 'vgg.safetensors', writeSafetensors(new Map([['features.0.weight', filter]])))
  await expect(error).toHaveAttribute('data-code', 'architecture')
  await expect(error).toContainText('Only ResNet-18’s weights fit')
  await expect(page.getByTestId('weights-source')).toHaveValue('Built in')
  await expect(page.getByTestId('train')).toBeEnabled()

  await give(input, 'mine.safetensors', whole)
  await expect(page.getByTestId('weights-file')).toContainText('“mine.safetensors”: no classifier.')
  await expect(error).toHaveCount(0)
})

test('what is changed while it trains counts for the next run; freeze switches from the next epoch on', async ({
  watched: page,
  folder,
}) => {
  await page.goto('./')
  await open(page, folder)
  await set(page, { batch: 4, 'epochs-head': 300, 'epochs-all': 0 })
  await page.getByTestId('train').click()
  // Paused, it still is a run, and it does not end before everything is looked at.
  await expect(page.getByTestId('pause')).toBeEnabled()
  await page.getByTestId('pause').press('Enter')
  await expect(page.getByTestId('resume')).toBeVisible()
  await page.getByTestId('switch-layer4').press('Space')
  await expect(page.getByTestId('stage-layer4')).toHaveAttribute('data-changed', 'true')
  await expect(page.getByTestId('model-panel')).toContainText('Counts from the next epoch on')
  const panel = await settings(page)
  await expect(panel.getByTestId('settings-in-run')).toContainText('counts for the next run')
  await expect(panel.getByTestId('seed')).toBeDisabled()
  await panel.getByTestId('epochs-head').fill('1')
  await page.getByTestId('settings').click()
  const before = (await numbers(page)).length
  await page.getByTestId('resume').click()
  // It goes on: neither the epochs of the next run nor the switch ends it.
  await expect.poll(() => rows(page).count()).toBeGreaterThan(before + 1)
  await page.getByTestId('stop').click()
  await expect(page.getByTestId('run-result')).toHaveAttribute('data-status', 'stopped')
  await expect((await settings(page)).getByTestId('epochs-head')).toHaveValue('1')
})

test.describe('without a network', () => {
  let server: Server
  let ranges: (string | undefined)[]
  let file: Uint8Array

  /** The first answer stops in the middle of the file; the next ones give what is asked for. */
  function answer({ headers }: IncomingMessage, response: ServerResponse): void {
    ranges.push(headers.range)
    const from = Number(headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, {
      'access-control-allow-origin': '*',
      'content-length': file.length - from,
    })
    if (ranges.length === 1) response.write(file.subarray(0, file.length / 2))
    else response.end(file.subarray(from))
  }

  test.beforeEach(async () => {
    ranges = []
    // What ImageNet's file is in all that is checked, with other values: 46.8 MB.
    const state = randomState(1000)
    const filter = state.get('conv1.weight')!
    if (filter.dtype === 'F32') filter.data.set(IMAGENET_CONV1_ROW)
    file = writeSafetensors(state)
    server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  test.afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  test('a download waits for the network and goes on where it stopped; the built-in weights train meanwhile', async ({
    page,
    context,
    folder,
  }) => {
    await context.route('https://huggingface.co/**', (route) => route.abort())
    await page.goto('./')
    await open(page, folder)
    const source = page.getByTestId('weights-source')
    const error = page.getByTestId('imagenet-error')

    await source.click()
    await page.getByRole('option', { name: 'ImageNet (torchvision)' }).click()
    await page.getByTestId('imagenet-download').click()
    await expect(error).toHaveAttribute('data-code', 'network')
    const { port } = server.address() as AddressInfo
    await page.getByTestId('imagenet-mirror').fill(`http://127.0.0.1:${port}/resnet18.safetensors`)
    await page.getByTestId('imagenet-mirror-go').click()
    await expect(page.getByTestId('imagenet-progress')).toContainText('23.4 MB of 46.8 MB')

    await context.setOffline(true)
    server.closeAllConnections()
    await expect(error).toContainText('No network')
    await expect(error).toContainText('The built-in weights stay in use meanwhile')
    await expect(page.getByTestId('train')).toBeEnabled()

    await context.setOffline(false)
    // A machine that has no network itself is not told that there is one again.
    await page.evaluate(() => navigator.onLine || window.dispatchEvent(new Event('online')))
    await expect(page.getByTestId('model-panel')).toContainText('Here, checked, kept in this browser.')
    await expect(source).toHaveValue('ImageNet (torchvision)')
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d{8}-$/)])
  })
})
