/** What can go wrong, or be done, while a run is going: each is said, and nothing is lost. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { presetRecipe } from '../../src/recipe/index.ts'
import { completed, drop, expect, giveRecipe, set, test } from '../page.ts'
import { firstEpoch, open, SMALL } from './short-run.ts'

test('a long run is translated, repainted, paused, looked back at, asked about and stopped: nothing is lost', async ({
  watched: page,
  folder,
}) => {
  await open(page, folder, { ...SMALL, 'epochs-all': 500 }, 'wasm')
  await page.getByTestId('train').click()
  await firstEpoch(page)
  const steps = page.getByTestId('stage-steps').getByRole('listitem')
  await expect(steps.nth(1)).toHaveAttribute('aria-current', 'step')
  await expect(steps.nth(0)).toHaveAttribute('data-state', 'done')

  await page.getByTestId('language').click()
  await expect(page.getByTestId('stop')).toHaveText(/停止/)
  await page.getByTestId('theme').click()
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.getByTestId('language').click()
  await expect(page.getByTestId('stop')).toHaveText(/Stop/)

  // Ten watched photos; going back stays there while the run goes on.
  const photos = page.getByTestId('watch').getByRole('listitem')
  await expect(photos).toHaveCount(10)
  await expect(photos.first().getByRole('button')).toHaveAccessibleName(/right|wrong/)
  await page.getByTestId('watch-back').click()
  const epoch = await page.getByTestId('watch-epoch').textContent()
  const before = await page.title()
  await expect.poll(() => page.title()).not.toBe(before)
  expect(await page.getByTestId('watch-epoch').textContent()).toBe(epoch)
  await expect(page.getByTestId('reading')).not.toBeEmpty()

  await page.getByTestId('keep-awake').press('Space')
  await expect(page.getByTestId('keep-awake')).toHaveAttribute('data-state', 'held')

  await page.getByTestId('pause').click()
  await expect(page.getByTestId('progress')).toContainText('Paused')
  await page.getByTestId('resume').click()
  await expect(page.getByTestId('pause')).toBeVisible()

  // The browser asks before the tab is left; the person stays.
  const asked = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  const question = await asked
  expect(question.type()).toBe('beforeunload')
  await question.dismiss()

  await page.getByTestId('stop').click()
  await expect(page.getByTestId('run-result')).toHaveAttribute('data-status', 'stopped')
  await expect(page.getByTestId('run-result')).toContainText('kept')
  await expect(page.getByTestId('try-webcam')).toBeEnabled()
})

test('a run that cannot go on says why and what to do, and the next one works', async ({
  watched: page,
  folder,
}) => {
  await open(page, folder, SMALL, 'webgpu')
  await test.step('no WebGPU, though the recipe asks for it', async () => {
    await page.getByTestId('train').click()
    const failure = page.getByTestId('run-failure')
    await expect(failure).toHaveAttribute('data-code', 'no-webgpu')
    await page.getByTestId('train-on-processor').click()
    await completed(page)
    await expect(failure).toBeHidden()
  })
  await test.step('a learning rate that makes the loss infinite', async () => {
    const recipe = presetRecipe('course', 32)
    const { all, head } = recipe.stages
    const optimizer = { ...all.optimizer, kind: 'sgd' as const, learningRate: 10, momentum: 0.9 }
    const stages = { head: { ...head, epochs: 0 }, all: { ...all, epochs: 9, optimizer } }
    await page.getByTestId('settings').click()
    await giveRecipe(page, { ...recipe, batch: 4, stages })
    await page.getByTestId('settings').click()
    await page.getByTestId('train').click()
    const failure = page.getByTestId('run-failure')
    await expect(failure).toHaveAttribute('data-code', 'not-finite')
    await expect(failure).toContainText('learning rate is too high')
  })
  await test.step('stopped before the first epoch', async () => {
    await set(page, { 'epochs-all': 1, 'rate-all': 0.001 })
    await page.getByTestId('train').click()
    await page.getByTestId('stop').click()
    await expect(page.getByTestId('stopped-empty')).toContainText('no weights to keep')
    await expect(page.getByTestId('train')).toBeEnabled()
  })
  await test.step('a full disk', async () => {
    const session = await page.context().newCDPSession(page)
    const { origin } = new URL(page.url())
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 })
    await page.getByTestId('train').click()
    await expect(page.getByTestId('run-notice')).toHaveAttribute('data-code', 'checkpoint-failed')
    await completed(page)
    await session.send('Storage.overrideQuotaForOrigin', { origin })
  })
})

test('photos that cannot be read at all are said before anything is trained', async ({
  watched: page,
  folder,
}) => {
  const photos = join(folder, 'texts')
  for (const split of ['train', 'valid'])
    for (const name of ['ants', 'bees']) {
      await mkdir(join(photos, split, name), { recursive: true })
      for (const number of [1, 2, 3])
        await writeFile(join(photos, split, name, `${number}.jpg`), `not a photo ${name} ${number}`)
    }
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(2)
  await page.getByTestId('train').click()
  await expect(page.getByTestId('run-failure')).toHaveAttribute('data-code', 'no-photos')
  await expect(page.getByTestId('run-failure')).toContainText('No photo could be read')
})

test('two tabs train on the same photos side by side', async ({ watched: page, folder, context }) => {
  await open(page, folder, SMALL, 'wasm')
  const other = await context.newPage()
  await other.goto('./')
  await drop(other, [join(folder, 'things')])
  await expect(other.getByTestId('class-row')).toHaveCount(5)
  await set(other, SMALL, 'wasm')
  await page.getByTestId('train').click()
  await other.getByTestId('train').click()
  await Promise.all([completed(page), completed(other)])
})
