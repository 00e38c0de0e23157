/** One run, and all that is made of it: the main job trains, what follows looks at the page that it leaves. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from '@playwright/test'
import { mainJob } from './main-job.ts'
import { expect, test, watch } from './page.ts'
import { PATIENCE } from './patience.ts'
import { writePhotos } from './photos.ts'

async function download(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(button).click()])
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

const lines = (text: string) => text.trim().split('\n')

test.describe
  .serial('after a run', () => {
    let folder: string
    let photos: string
    let context: BrowserContext
    let page: Page
    let expectQuiet: () => void

    test.beforeAll(async ({ browser, baseURL, viewport, locale }) => {
      folder = await mkdtemp(join(tmpdir(), 'tabtune-results-'))
      photos = join(folder, 'things')
      await writePhotos(photos)
      context = await browser.newContext({ baseURL, viewport, locale })
      page = await context.newPage()
      expectQuiet = watch(page, baseURL!)
    })
    test.afterEach(() => expectQuiet())
    test.afterAll(async () => {
      await context.close()
      await rm(folder, { recursive: true, force: true })
    })

    test('a dropped folder trains both stages on the engine that the probe chooses, and its weights classify', async () => {
      await mainJob(page, {
        photos,
        validation: 20,
        settings: { size: 64, batch: 16, 'epochs-head': 3, 'epochs-all': 2 },
        expected: 'wasm',
      })
      await page.getByTestId('tab-weights').click()
      await page.getByTestId('use-run-weights').click()
      await expect(page.getByTestId('loaded-weights')).toHaveCount(0)
    })

    test('the curves are read, smoothed, and leave the page as picture and table', async () => {
      await expect(page.getByTestId('reading')).not.toBeEmpty()
      await expect(page.getByTestId('summary-loss')).toContainText(/validation loss \d/)
      await expect(page.getByTestId('summary-accuracy')).toContainText(/\d+ of 20/)

      // What is hovered in one chart is read in all.
      const loss = page.getByTestId('chart-loss').locator('.recharts-surface').first()
      // The mouse moves until they do: charts that are drawn once more after the run forget where it was.
      await expect(async () => {
        await page.mouse.move(0, 0)
        await loss.hover()
        for (const value of ['loss', 'accuracy', 'rate'])
          await expect(page.getByTestId(`tooltip-${value}`)).toContainText('Epoch', { timeout: 5_000 })
      }).toPass({ timeout: PATIENCE })

      await page.getByTestId('chart-menu').click()
      await page.getByTestId('chart-log').press('Space')
      await page.getByTestId('chart-menu-panel').getByRole('slider').press('End')
      const curves = page.getByTestId('chart-loss').locator('path.recharts-line-curve')
      // Both as measured, both smoothed.
      await expect(curves).toHaveCount(4)
      await expect(page.getByTestId('step-line')).toBeVisible()
      const save = async (button: string) => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByTestId(button).click(),
        ])
        const chunks: Buffer[] = []
        for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk))
        return Buffer.concat(chunks)
      }
      const csv = (await save('chart-csv')).toString('utf8')
      expect(csv.trim().split('\r\n')).toHaveLength(6)
      const png = await save('chart-png')
      expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
      expect(png.length).toBeGreaterThan(10_000)
    })

    test('photos are filtered, opened and walked through by keyboard', async () => {
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

    test('a cell of the confusion matrix leads to its photos', async () => {
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

    test('the hardest photos come by falling loss', async () => {
      await page.getByTestId('tab-hardest').click()
      await expect(page.getByTestId('prediction')).toHaveCount(20)
      const texts = await page.getByTestId('prediction').allInnerTexts()
      const losses = texts.map((text) => Number(/loss ([\d.]+)/.exec(text)?.[1]))
      expect(losses).toHaveLength(20)
      expect(losses).toEqual(losses.toSorted((a, b) => b - a))
    })

    test('the webcam freezes at a picture and goes on', async () => {
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

    test('photos are dropped and pasted, and one that is no photo says so', async () => {
      const leaves = join(photos, 'valid', 'leaf')
      const [leaf] = await readdir(leaves)
      await writeFile(join(folder, 'notes.jpg'), 'no photo at all')
      await page
        .getByTestId('try-photos-input')
        .setInputFiles([join(leaves, leaf), join(folder, 'notes.jpg')])
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

    test('a folder becomes a table, with what cannot be read listed', async () => {
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

    test('the weights say what they hold; the files of the command line come along', async () => {
      await page.getByTestId('tab-weights').click()
      await expect(page.getByTestId('weight-size')).toHaveText('44.8 MB')
      await expect(page.getByTestId('weight-facts')).toContainText('122 tensors')
      await page.getByTestId('copy-pytorch').click()
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      expect(copied).toBe(await page.getByTestId('pytorch-code').inputValue())
      expect(copied).toContain('num_classes=5')
      const history = await download(page, 'download-history')
      expect(JSON.parse(history.text).epochs).toHaveLength(5)
      expect(JSON.parse((await download(page, 'download-recipe')).text).resolved.engine).toBe('wasm')
      expect(lines((await download(page, 'download-predictions')).text)).toHaveLength(21)
    })
  })
