import type { Page } from '@playwright/test'
import { inspect } from './inspect.ts'
import { completed, drop, expect, numbers, predictions, set, test } from './page.ts'

async function open(page: Page, photos: string): Promise<void> {
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
}

async function train(page: Page, seed: number): Promise<void> {
  const other = page.getByTestId('other-preset')
  if (await other.isVisible()) await other.click()
  await set(page, { size: 32, batch: 16, 'epochs-head': 2, 'epochs-all': 1, seed })
  await page.getByTestId('train').click()
  await completed(page)
}

/** Names of the folders of kept runs in the browser's own file system. */
const stored = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs', { create: true })
    const names: string[] = []
    for await (const name of root.keys()) names.push(name)
    return names
  })

const bestOf = (page: Page) => page.getByTestId('best').textContent()

/** Bytes of the weights as they are downloaded, as a hash. */
async function weightsOf(page: Page): Promise<string> {
  const download = page.waitForEvent('download')
  await page.getByTestId('download-weights').click()
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  for await (const part of await (await download).createReadStream()) hash.update(part)
  return hash.digest('hex')
}

test('every run is kept: reloaded, trained again, compared, repeated, deleted', async ({
  watched: page,
  photos,
}) => {
  await open(page, photos)
  await train(page, 7)
  const first = { best: await bestOf(page), table: await numbers(page), weights: await weightsOf(page) }
  const shown = await predictions(page)

  await test.step('after a reload the newest is there as it was', async () => {
    await page.reload()
    await open(page, photos)
    await expect(page.getByTestId('run-result')).toHaveAttribute('data-status', 'completed')
    expect(await bestOf(page)).toBe(first.best)
    expect(await numbers(page)).toEqual(first.table)
    expect(await predictions(page)).toEqual(shown)
    expect(await weightsOf(page)).toBe(first.weights)
    await page.getByTestId('tab-try').click()
    await page.getByTestId('try-photos-input').setInputFiles(`${photos}/valid/${await firstFile(photos)}`)
    await expect(page.getByTestId('answer').first()).toBeVisible()
  })

  await test.step('Train again, stopped before its first epoch, takes nothing away', async () => {
    await page.getByTestId('train').click()
    await page.getByTestId('stop').click()
    await expect(page.getByTestId('run-result')).toBeVisible()
    await page.getByTestId('tab-runs').click()
    const rows = page.getByTestId('run-row')
    const count = await rows.count()
    if (count === 1) expect(await bestOf(page)).toBe(first.best)
    await expect(rows.last()).toContainText(
      String((await page.getByTestId('run-accuracy').last().textContent())!),
    )
    // A run that got as far as an epoch is one more of them.
    for (let extra = count; extra > 1; extra--) await deleteFirst(page)
    await expect(rows).toHaveCount(1)
  })

  await test.step('another run is one more; the first is used again', async () => {
    await train(page, 8)
    await page.getByTestId('tab-runs').click()
    await expect(page.getByTestId('run-row')).toHaveCount(2)
    await page.getByTestId('run-row').last().getByTestId('use-run').click()
    await expect(page.getByTestId('tab-photos')).toHaveAttribute('aria-selected', 'true')
    expect(await numbers(page)).toEqual(first.table)
    expect(await weightsOf(page)).toBe(first.weights)
  })

  await test.step('named, and compared', async () => {
    await page.getByTestId('tab-runs').click()
    await page.getByTestId('run-row').last().getByTestId('rename-run').click()
    await page.getByTestId('run-name-field').fill('Seven')
    await page.keyboard.press('Enter')
    for (const tick of await page.getByTestId('tick-run').all()) await tick.check()
    await page.getByTestId('compare-runs').click()
    await expect(page.getByTestId('comparison')).toContainText('Seven')
    await expect(page.getByTestId('comparison-verdict')).not.toBeEmpty()
    expect(await inspect(page, 'two runs compared', 'en')).toEqual([])
    await page.getByTestId('comparison-back').click()
    expect(await inspect(page, 'runs', 'en')).toEqual([])
  })

  await test.step('repeated, it gives equal bits', async () => {
    await page.getByTestId('run-row').last().getByTestId('repeat-run').click()
    await completed(page)
    expect(await numbers(page)).toEqual(first.table)
    expect(await weightsOf(page)).toBe(first.weights)
    await page.getByTestId('tab-runs').click()
    await expect(page.getByTestId('run-row')).toHaveCount(3)
  })

  await test.step('a name outlives a reload; deleted runs leave nothing', async () => {
    await page.reload()
    await open(page, photos)
    await page.getByTestId('tab-runs').click()
    await expect(page.getByTestId('run-name').last()).toHaveText('Seven')
    expect(await stored(page)).toHaveLength(3)
    for (let left = 3; left > 0; left--) {
      await deleteFirst(page)
      await expect(page.getByTestId('run-row')).toHaveCount(left - 1)
    }
    expect(await stored(page)).toEqual([])
  })
})

async function firstFile(photos: string): Promise<string> {
  const { readdir } = await import('node:fs/promises')
  const [folder] = await readdir(`${photos}/valid`)
  const [file] = await readdir(`${photos}/valid/${folder}`)
  return `${folder}/${file}`
}

async function deleteFirst(page: Page): Promise<void> {
  await page.getByTestId('delete-run').first().click()
  await page.getByTestId('delete-yes').click()
}

test('where the storage is full it says so, asks which runs may go, and keeps the result then', async ({
  page,
  photos,
  baseURL,
}) => {
  await open(page, photos)
  await train(page, 7)
  await train(page, 8)
  const session = await page.context().newCDPSession(page)
  const { origin } = new URL(baseURL!)
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 })
  await train(page, 9)
  await expect(page.getByTestId('no-room')).toContainText('storage is full')
  expect(await inspect(page, 'no room', 'en')).toEqual([])
  await session.send('Storage.overrideQuotaForOrigin', { origin })
  await page.getByTestId('make-room').click()
  await expect(page.getByTestId('no-room')).toHaveCount(0)
  await page.getByTestId('tab-runs').click()
  await expect(page.getByTestId('run-row')).toHaveCount(2)
  await expect(page.getByTestId('run-shown')).toHaveCount(1)
})
