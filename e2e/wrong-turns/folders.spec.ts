/** Wrong turns with folders, and the folder of an earlier visit. */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { drop, expect, expectDrawn, set, test } from '../page.ts'
import { writePhotos } from '../photos.ts'

const problem = (page: Page, code: string) => page.getByTestId('problems').locator(`[data-code="${code}"]`)
const notice = (page: Page) => page.getByTestId('data-notice')

/** A folder of copies: where each file lies below it, and which of the written photos it is. */
async function folderOf(root: string, name: string, files: Readonly<Record<string, string>>) {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  for (const [path, from] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await copyFile(join(root, 'things', from), join(folder, path))
  }
  return folder
}

/** The names of a class's photos in one split. */
const photosOf = (root: string, directory: string) => readdir(join(root, 'things', directory))

/**
 * Puts photos into the browser's own file system and lets the folder picker give that folder: a handle like any other,
 * which the browser keeps and may read at the next visit, without a question that no test can answer.
 */
async function pickable(page: Page, name: string, folder: string, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path, base64: (await readFile(join(folder, path))).toString('base64') })),
  )
  await page.evaluate(
    async ({ name, files }) => {
      const root = await navigator.storage.getDirectory()
      const picked = await root.getDirectoryHandle(name, { create: true })
      for (const { path, base64 } of files) {
        const parts = path.split('/')
        let directory = picked
        for (const part of parts.slice(0, -1))
          directory = await directory.getDirectoryHandle(part, { create: true })
        const file = await directory.getFileHandle(parts[parts.length - 1], { create: true })
        const stream = await file.createWritable()
        await stream.write(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))
        await stream.close()
      }
    },
    { name, files },
  )
  await page.addInitScript((name) => {
    window.showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name)
  }, name)
  await page.reload()
}

/** What this browser keeps: projects, checkpoint folders, and bytes of decoded photos. */
const copies = (page: Page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    let checkpoints = 0
    for await (const _ of (await root.getDirectoryHandle('checkpoints', { create: true })).keys())
      checkpoints++
    let photoBytes = 0
    for await (const handle of (await root.getDirectoryHandle('kept-photos', { create: true })).values())
      if (handle instanceof FileSystemFileHandle) photoBytes += (await handle.getFile()).size
    const projects = await new Promise<number>((resolve, reject) => {
      const opening = indexedDB.open('tabtune-projects')
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => {
        const counting = opening.result.transaction('projects').objectStore('projects').count()
        counting.onsuccess = () => resolve(counting.result)
      }
    })
    return { projects, checkpoints, hasPhotos: photoBytes > 0 }
  })

/** Two classes with 4 photos to train on and 2 to validate each. */
async function pickablePhotos(page: Page, root: string): Promise<void> {
  const photos = await writePhotos(join(root, 'things'), { train: 4, valid: 2, size: 48 })
  const [first, second] = [...new Set(photos.map(({ className }) => className))]
  const paths = photos.filter(({ className }) => className === first || className === second)
  await page.goto('./')
  await pickable(
    page,
    'insects',
    join(root, 'things'),
    paths.map(({ path }) => path),
  )
}

test('what is no folder of classes is said with its remedy, and the next drop works', async ({
  watched: page,
  folder,
}) => {
  await writePhotos(join(folder, 'things'), { train: 4, valid: 2, size: 48 })
  const [leaf] = await photosOf(folder, 'train/leaf')
  const [key] = await photosOf(folder, 'train/key')
  await page.addInitScript(() => {
    window.showDirectoryPicker = () => Promise.reject(new DOMException('closed', 'AbortError'))
  })
  await page.goto('./')

  await expectDrawn(page)
  // Text, as dragged from another page.
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.setData('text/plain', 'ants')
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  })
  await expect(notice(page)).toHaveAttribute('data-code', 'not-files')

  await page.getByTestId('choose-folder').click()
  await expect(notice(page)).toHaveAttribute('data-code', 'nothing-chosen')

  await mkdir(join(folder, 'nothing'))
  await drop(page, [join(folder, 'nothing')])
  await expect(problem(page, 'empty')).toBeVisible()
  await expect(notice(page)).toBeHidden()

  await mkdir(join(folder, 'letters'))
  await writeFile(join(folder, 'letters', 'a.txt'), 'a')
  await drop(page, [join(folder, 'letters')])
  await expect(problem(page, 'no-images')).toBeVisible()

  // Photos without a folder.
  await drop(page, [join(folder, 'things', 'train/leaf', leaf), join(folder, 'things', 'train/key', key)])
  await expect(problem(page, 'loose-photos')).toContainText('one subfolder')

  // One class: it opens, and says why it does not train.
  await drop(page, [await folderOf(folder, 'alone', { 'leaf/1.jpg': `train/leaf/${leaf}` })])
  await expect(problem(page, 'one-class')).toContainText('at least two')
  await expect(page.getByTestId('train')).toBeDisabled()

  await drop(page, [join(folder, 'things')])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await expect(page.getByTestId('train')).toBeEnabled()
  await expect(page.getByTestId('problems')).toBeHidden()
})

test('train and validation that do not fit together are said, and what fits trains', async ({
  watched: page,
  folder,
}) => {
  await writePhotos(join(folder, 'things'), { train: 4, valid: 2, size: 48 })
  const [leaf, other] = await photosOf(folder, 'train/leaf')
  const [key] = await photosOf(folder, 'train/key')
  const [shell] = await photosOf(folder, 'valid/shell')
  const path = await folderOf(folder, 'muddle', {
    'train/leaf/1.jpg': `train/leaf/${leaf}`,
    'train/key/1.jpg': `train/key/${key}`,
    'train/button/1.jpg': `train/leaf/${other}`,
    // The same photo under another name, and a class that train does not have.
    'valid/leaf/copy.jpg': `train/leaf/${leaf}`,
    'valid/shell/1.jpg': `valid/shell/${shell}`,
  })
  await writeFile(join(path, 'cat_to_name.json'), '{"leaf": "thing", "key": "thing"}')
  await page.goto('./')
  await drop(page, [path])
  await expect(page.getByTestId('class-row')).toHaveCount(3)
  await page.getByTestId('problems').locator('summary').click()
  await expect(problem(page, 'class-missing-in-train')).toContainText('shell')
  await expect(problem(page, 'class-missing-in-valid')).toContainText('button')
  await expect(problem(page, 'duplicate-class-name')).toContainText('thing')
  await expect(problem(page, 'leaked-photos')).toContainText('valid/leaf/copy.jpg')
  await expect(page.getByTestId('train')).toBeEnabled()

  // Named apart in place: the problem is gone.
  await page.getByTestId('rename-class').last().click()
  await page.getByTestId('class-name-field').fill('blatt')
  await page.getByTestId('class-name-field').press('Enter')
  await expect(page.getByTestId('class-list')).toContainText('blatt')
  await expect(problem(page, 'duplicate-class-name')).toBeHidden()
})

test('the last folder is offered again, and the browser asked anew; its classes keep their names', async ({
  watched: page,
  folder,
}) => {
  await pickablePhotos(page, folder)
  await page.getByTestId('choose-folder').click()
  await expect(page.getByTestId('class-row')).toHaveCount(2)
  await page.getByTestId('rename-class').first().click()
  await page.getByTestId('class-name-field').fill('mine')
  await page.getByTestId('class-name-field').press('Enter')
  await expect(page.getByTestId('class-list')).toContainText('mine')

  await page.reload()
  // A browser in which the person says no.
  await page.evaluate(() => {
    FileSystemHandle.prototype.queryPermission = async () => 'prompt'
    FileSystemHandle.prototype.requestPermission = async () => 'denied'
  })
  const again = page.getByRole('button', { name: 'Open “insects” again' })
  await again.click()
  await expect(notice(page)).toHaveAttribute('data-code', 'permission')
  await page.evaluate(() => {
    FileSystemHandle.prototype.requestPermission = async () => 'granted'
  })
  await again.click()
  await expect(page.getByTestId('class-list')).toContainText('mine')
  await expect(notice(page)).toBeHidden()

  // Photos of a class: arrow keys, one large, and back.
  await page.getByTestId('open-class').first().click()
  await expect(page.getByTestId('class-photo')).toHaveCount(6)
  await page.getByTestId('class-photos').getByText('validation').click()
  await expect(page.getByTestId('class-photo')).toHaveCount(2)
  await page.getByTestId('class-photo').first().focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('large-photo').locator('img')).toBeVisible()
  await expect(page.getByTestId('large-photo')).toContainText('2 of 2')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByTestId('large-photo')).toContainText('1 of 2')
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('class-photo').first()).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('class-photos')).toBeHidden()
})

test('a cut-off run of a kept folder goes on with one click; a second tab knows of it; all copies are forgotten', async ({
  watched: page,
  folder,
  context,
}) => {
  await pickablePhotos(page, folder)
  await page.getByTestId('choose-folder').click()
  await expect(page.getByTestId('class-row')).toHaveCount(2)
  await set(page, { size: 32, batch: 8, 'epochs-head': 1, 'epochs-all': 8 }, 'wasm')
  await page.getByTestId('train').click()
  await expect(page.getByTestId('accuracy-now')).not.toBeEmpty()

  await drop(page, [join(folder, 'things')])
  await expect(notice(page)).toHaveAttribute('data-code', 'busy')
  await expect(page.getByTestId('dataset-name')).toHaveText('insects')

  const second = await context.newPage()
  await second.goto(page.url())
  await expect(second.getByTestId('resume-offer')).toBeHidden()
  await second.getByTestId('open-again').click()
  await expect(second.getByTestId('class-row')).toHaveCount(2)
  await expect(second.getByTestId('other-tab')).toHaveAttribute('data-doing', 'training')
  await second.close()

  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await page.getByTestId('resume-run').click()
  await expect(page.getByTestId('dataset-name')).toHaveText('insects')
  await page.getByTestId('stop').click()
  await expect(page.getByTestId('run-result')).toBeVisible()
  expect(await copies(page)).toEqual({ projects: 1, checkpoints: 1, hasPhotos: true })

  await page.getByTestId('project-menu').click()
  await page.getByTestId('forget-project').click()
  await expect(page.getByTestId('forget-question')).toContainText('insects')
  await page.getByTestId('forget-yes').click()
  await expect(page.getByTestId('forgotten')).toContainText('insects')
  expect(await copies(page)).toEqual({ projects: 0, checkpoints: 0, hasPhotos: false })
  await page.reload()
  await expect(page.getByTestId('choose-folder')).toBeVisible()
  await expect(page.getByTestId('projects')).toBeHidden()
})
