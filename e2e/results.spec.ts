import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { completed, drop, expect, set, test } from './page.ts'

async function download(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(button).click()])
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

const lines = (text: string) => text.trim().split('\n')

test('after a run the results can be looked through, measured, tried and taken along', async ({
  watched: page,
  context,
  photos,
  folder,
}) => {
  await page.goto('./')
  for (const tab of ['photos', 'confusion', 'hardest', 'try', 'weights']) {
    // Nothing is loaded yet: there is no workbench before the first folder.
    await expect(page.getByTestId(`tab-${tab}`)).toHaveCount(0)
  }
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  for (const tab of ['photos', 'confusion', 'hardest', 'try']) {
    await page.getByTestId(`tab-${tab}`).click()
    await expect(page.getByRole('tabpanel')).toContainText(/After the first epoch|Train first/)
  }
  await set(page, { size: 64, batch: 16, 'epochs-head': 3, 'epochs-all': 0 })
  await page.getByTestId('train').click()
  await completed(page)

  await test.step('photos are filtered, opened and walked through by keyboard', async () => {
    await page.getByTestId('tab-photos').click()
    const cards = page.getByTestId('prediction')
    await expect(cards).toHaveCount(20)
    const wrong = await page.locator('[data-testid=prediction][data-right=false]').count()
    await page.getByTestId('prediction-filter').getByText(`Wrong ${wrong}`).click()
    await expect(cards).toHaveCount(wrong)
    await page.getByTestId('prediction-filter').getByText('Right').click()
    await expect(cards).toHaveCount(20 - wrong)

    await cards.first().getByRole('button').focus()
    await page.keyboard.press('Enter')
    const detail = page.getByTestId('photo-detail')
    await expect(detail.getByTestId('top-k').getByRole('listitem')).toHaveCount(5)
    const first = await detail.getAttribute('data-path')
    await page.keyboard.press('ArrowRight')
    await expect(detail).not.toHaveAttribute('data-path', first ?? '')
    await expect(detail.locator('img')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(detail).toHaveCount(0)
    await page.getByTestId('clear-filter').click()

    await page.getByTestId('results-split').getByText('Training 40').click()
    await expect(cards).toHaveCount(40)
    await page.getByTestId('results-split').getByText('Validation 20').click()
  })

  await test.step('a cell of the confusion matrix leads to its photos', async () => {
    await page.getByTestId('tab-confusion').click()
    await expect(page.getByTestId('matrix').getByRole('row')).toHaveCount(6)
    await expect(page.getByTestId('confusion-summary')).toContainText('of 20')
    const matrix = await download(page, 'confusion-csv')
    const counts = lines(matrix.text)
      .slice(1)
      .map((row) => row.split(',').slice(1).map(Number))
    expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBe(20)
    expect(lines((await download(page, 'report-csv')).text)).toHaveLength(7)
    const hit = counts.findIndex((row, index) => row[index] > 0)
    await page.getByTestId(`cell-${hit}-${hit}`).click()
    await expect(page.getByTestId('prediction')).toHaveCount(counts[hit][hit])
  })

  await test.step('the hardest photos come by falling loss', async () => {
    await page.getByTestId('tab-hardest').click()
    const texts = await page.getByTestId('prediction').allInnerTexts()
    const losses = texts.map((text) => Number(/loss ([\d.]+)/.exec(text)?.[1]))
    expect(losses).toHaveLength(20)
    expect(losses).toEqual(losses.toSorted((a, b) => b - a))
  })

  await test.step('the webcam freezes at a picture and goes on', async () => {
    await page.getByTestId('tab-try').click()
    await page.getByTestId('start-webcam').click()
    await expect(page.getByTestId('answer')).toContainText('pictures/s')
    await page.getByTestId('freeze').click()
    await expect(page.getByTestId('answer')).not.toContainText('pictures/s')
    await expect(page.getByTestId('webcam')).toHaveJSProperty('paused', true)
    await page.getByTestId('freeze').click()
    await expect(page.getByTestId('answer')).toContainText('pictures/s')
    await page.getByTestId('stop-webcam').click()
  })

  await test.step('photos are dropped and pasted, and one that is no photo says so', async () => {
    const leaves = join(photos, 'valid', 'leaf')
    const [leaf] = await readdir(leaves)
    await writeFile(join(folder, 'notes.jpg'), 'no photo at all')
    await page.getByTestId('try-photos-input').setInputFiles([join(leaves, leaf), join(folder, 'notes.jpg')])
    const tried = page.getByTestId('tried-photo')
    await expect(tried).toHaveCount(2)
    await expect(tried.getByTestId('answer')).toHaveCount(1)
    await expect(tried.getByRole('alert')).toContainText('could not be read')

    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(80, 80)
      canvas.getContext('2d')?.fillRect(10, 10, 30, 30)
      const picture = await canvas.convertToBlob({ type: 'image/png' })
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })])
    })
    await page.keyboard.press('ControlOrMeta+v')
    await expect(tried).toHaveCount(3)
    await expect(tried.first().getByTestId('answer')).not.toBeEmpty()
  })

  await test.step('a folder becomes a table, with what cannot be read listed', async () => {
    const many = join(folder, 'unlabelled')
    await mkdir(many)
    await cp(join(photos, 'valid'), many, { recursive: true })
    await writeFile(join(many, 'broken.jpg'), 'no photo at all')
    await page.getByTestId('classify-folder-input').setInputFiles(many)
    await expect(page.getByTestId('folder-job')).toHaveAttribute('data-status', 'completed')
    await expect(page.getByTestId('folder-errors')).toContainText('1 photo could not be read')
    const { name, text } = await download(page, 'folder-csv')
    expect(name).toBe('classified.csv')
    const rows = lines(text).map((row) => row.split(','))
    expect(rows[0].slice(0, 3)).toEqual(['path', 'predicted', 'confidence'])
    expect(rows).toHaveLength(22)
    const broken = rows.find(([path]) => path === 'broken.jpg')
    expect(broken?.[1]).toBe('')
    expect(broken?.at(-1)).not.toBe('')
  })

  await test.step('the weights say what they hold; the files of the command line come along', async () => {
    await page.getByTestId('tab-weights').click()
    await expect(page.getByTestId('weight-size')).toHaveText('44.8 MB')
    await expect(page.getByTestId('weight-facts')).toContainText('122 tensors')
    await page.getByTestId('copy-pytorch').click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toBe(await page.getByTestId('pytorch-code').inputValue())
    expect(copied).toContain('num_classes=5')
    const history = await download(page, 'download-history')
    expect(JSON.parse(history.text).epochs).toHaveLength(3)
    expect(JSON.parse((await download(page, 'download-recipe')).text).resolved.engine).toBe('wasm')
    expect(lines((await download(page, 'download-predictions')).text)).toHaveLength(21)
  })
})
