/** The page as a person uses it: dropping a folder, setting numbers, training, reading what stands there. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { PATIENCE } from './patience.ts'
import { writePhotos } from './photos.ts'

interface Fixtures {
  /** The page, watched: a test fails where something was logged as an error or a request left the origin. */
  watched: Page
  /** An empty folder of the test's own. */
  folder: string
  /** A folder named `things` with 20 photos to train on and 10 to validate, five classes. */
  photos: string
}

/** @returns what fails where, until then, something was logged as an error or a request left the origin */
export function watch(page: Page, baseURL: string): () => void {
  const errors: string[] = []
  const elsewhere: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  page.context().on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'blob:' && protocol !== 'data:' && origin !== new URL(baseURL).origin)
      elsewhere.push(request.url())
  })
  return () => {
    expect(errors).toEqual([])
    expect(elsewhere).toEqual([])
  }
}

export const test = base.extend<Fixtures>({
  watched: async ({ page, baseURL }, use) => {
    const expectQuiet = watch(page, baseURL!)
    await use(page)
    expectQuiet()
  },
  folder: async ({ browserName: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'tabtune-e2e-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  photos: async ({ folder }, use) => {
    const photos = join(folder, 'things')
    await writePhotos(photos, { train: 4, valid: 2 })
    await use(photos)
  },
})

/** On a busy machine the page is not drawn yet when it is loaded, and what is dropped on it then is lost. */
export const expectDrawn = (page: Page): Promise<void> => expect(page.locator('#root')).not.toBeEmpty()

/** A real drop of real folders or files, as from a file manager: the page gets handles. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  await expectDrawn(page)
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  await session.detach()
}

export type Settings = Partial<
  Record<'epochs-head' | 'epochs-all' | 'batch' | 'size' | 'seed' | 'rate-head' | 'rate-all', number>
>

/** The course's recipe in place of the one that is proposed: small photos, augmented afresh each epoch, both stages. */
export async function chooseLesson(page: Page): Promise<void> {
  const preset = page.getByTestId('preset')
  if (await preset.locator('input[value=quick]').isChecked())
    await preset.locator('label[for$="-course"]').click()
}

/** Types numbers into the settings of the course's recipe; `engine` is chosen by its place in the list (auto, webgpu, wasm). */
export async function set(page: Page, settings: Settings, engine?: 'webgpu' | 'wasm'): Promise<void> {
  await chooseLesson(page)
  await page.getByTestId('settings').click()
  const panel = page.getByTestId('settings-panel')
  for (const [name, value] of Object.entries(settings)) {
    const input = panel.getByTestId(name)
    await input.fill(String(value))
    await input.blur()
  }
  if (engine) {
    await panel.getByTestId('engine').click()
    await panel.getByRole('option').nth(['auto', 'webgpu', 'wasm'].indexOf(engine)).click()
  }
  await page.getByTestId('settings').click()
  await expect(panel).toBeHidden()
}

/** Gives the open settings a recipe as a file. */
export const giveRecipe = (page: Page, recipe: object): Promise<void> =>
  page.getByTestId('recipe-input').setInputFiles({
    name: 'recipe.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(recipe)),
  })

/** Waits for a run's end, for as long as it moves. @throws where it stood still, with what the page said then */
export async function completed(page: Page): Promise<void> {
  let seen = ''
  let since = Date.now()
  for (;;) {
    const { status, position, text } = await page.evaluate(runOf)
    if (status === 'completed') return
    if (position !== seen) since = Date.now()
    seen = position
    if (Date.now() - since > PATIENCE)
      throw new Error(`the run stands still, ${status ?? 'without a result'}; the page says:\n${text}`)
    await page.waitForTimeout(100)
  }
}

/** How a run ended, where it is (its counters, without the time left, which moves by itself), and all that is said of it. */
function runOf() {
  const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
  const progress = find('progress')
  const bar = progress?.querySelector('[role=progressbar]')
  return {
    status: find('run-result')?.dataset.status,
    position: [progress?.querySelector('span')?.textContent, bar?.getAttribute('aria-valuenow')].join(),
    text: (find('train-panel') ?? document.body).innerText,
  }
}

/** Points that the longest line of a chart goes through. */
export async function pointsOf(chart: Locator): Promise<number> {
  const paths = await chart
    .locator('path.recharts-line-curve')
    .evaluateAll((all) => all.map((path) => (path.getAttribute('d') ?? '').split(/[MLC]/).length - 1))
  return Math.max(0, ...paths)
}

/** What stands below each validation photo: class and confidence, by path. */
export async function predictions(page: Page): Promise<Record<string, string>> {
  await page.getByTestId('tab-photos').click()
  const cards = page.getByTestId('prediction')
  await expect(cards.first()).toBeVisible()
  return Object.fromEntries(
    await cards.evaluateAll((all) =>
      all.map((card) => [
        card.getAttribute('data-path'),
        card.querySelector('[data-testid=predicted]')?.parentElement?.textContent,
      ]),
    ),
  )
}

/** The rows of the numbers' table, once it is shown. */
export const rows = (page: Page): Locator => page.getByTestId('numbers').locator('tbody tr')

/** Shows the numbers' table. @returns its rows without the time */
export async function numbers(page: Page): Promise<string[][]> {
  await page.getByTestId('train-panel').getByText('Table', { exact: true }).click()
  return rows(page).evaluateAll((all) =>
    all.map((row) => [...row.children].slice(0, -1).map((cell) => cell.textContent ?? '')),
  )
}

export { expect }
