import type { Page } from '@playwright/test'
import { completed, drop, expect, numbers, set, test } from './page.ts'

async function begin(page: Page, photos: string) {
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await set(page, { size: 32, batch: 16, 'epochs-head': 1, 'epochs-all': 3, seed: 7 })
  await page.getByTestId('train').click()
}

test('a run reloaded in mid-stage goes on and ends with the history of the unbroken one', async ({
  watched,
  browser,
  photos,
}) => {
  const other = await browser.newContext({ viewport: { width: 1366, height: 768 } })
  const unbroken = await other.newPage()
  await begin(unbroken, photos)
  await completed(unbroken)
  const expected = await numbers(unbroken)
  expect(expected).toHaveLength(4)
  await other.close()

  await begin(watched, photos)
  await watched.getByTestId('train-panel').getByText('Table', { exact: true }).click()
  await expect(watched.getByTestId('numbers').locator('tbody tr')).toHaveCount(2)
  watched.on('dialog', (dialog) => void dialog.accept())
  await watched.reload()
  await expect(watched.getByTestId('resume-offer')).toContainText('things')
  await watched.getByTestId('resume-run').click()
  await drop(watched, [photos])
  await completed(watched)
  expect(await numbers(watched)).toEqual(expected)
})
