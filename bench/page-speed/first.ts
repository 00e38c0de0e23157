/** Time from the drop to the first thumbnail and to the first loss, cold and warm. */
import type { Page } from '@playwright/test'
import { drop } from '../../e2e/page.ts'
import { writePhotos } from '../../e2e/photos.ts'
import { inFolder, openPage } from './browser.ts'
import type { Figure } from './figure.ts'
import { noteMoments, readMoments } from './moments.ts'

/** Photos of five classes, px. */
const PHOTOS = { train: 12, valid: 4, size: 400 }

const ANSWER = '[data-testid=reading], [data-testid=class-row]'
const THUMBNAIL = '[data-testid=class-row] img'
const LOSS = '[data-testid=step-line]'

/** `Train` is pressed as soon as it can be; the recipe is the one that the page proposes. */
async function firsts(page: Page, photos: string, temperature: string): Promise<Figure[]> {
  const wanted = [ANSWER, THUMBNAIL, LOSS]
  await noteMoments(page, wanted)
  await drop(page, [photos])
  await page.getByTestId('train').click()
  const at = await readMoments(page, wanted)
  const since = (from: number, what: string, selector: string, bar?: number): Figure => ({
    what: `${what}, ${temperature}`,
    value: at[selector] - from,
    unit: 'ms',
    bar,
  })
  return [
    since(at.drop, 'from the drop to an answer', ANSWER, 100),
    since(at.drop, 'from the drop to the first thumbnail', THUMBNAIL),
    since(at.drop, 'from the drop to the first loss', LOSS),
    since(at.click, 'from "Train" to the first loss', LOSS),
  ]
}

/** Cold: a fresh profile. Warm: the page opened again in it, the same folder dropped again. */
export async function measureFirsts(address: string): Promise<Figure[]> {
  return inFolder(async (folder) => {
    await writePhotos(folder, PHOTOS)
    await using open = await openPage()
    const { page } = open
    page.on('dialog', (dialog) => void dialog.accept())
    await page.goto(address, { waitUntil: 'networkidle' })
    const cold = await firsts(page, folder, 'cold')
    await page.getByTestId('stop').click()
    await page.getByTestId('stop').waitFor({ state: 'hidden' })
    await page.reload({ waitUntil: 'networkidle' })
    const warm = await firsts(page, folder, 'warm')
    return [...cold, ...warm]
  })
}
