/** How many bytes come over the network before anything is clicked, and which files come later. */
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { drop } from '../../e2e/page.ts'
import { writePhotos } from '../../e2e/photos.ts'
import { inFolder, openPage } from './browser.ts'
import type { Figure } from './figure.ts'

/** A property of the global object that TensorFlow.js's engine sets: it stands in its code whatever is minified. */
const TENSORFLOW = '_tfengine'

interface File {
  name: string
  /** kB (1000 bytes) as gzip gives them at its usual level. */
  size: number
  code: boolean
  tensorflow: boolean
  /** Fetched by the page itself, not by one of its workers. */
  onPage: boolean
}

/** Every file that was fetched so far, largest first. */
async function filesOf(page: Page, addresses: ReadonlySet<string>): Promise<File[]> {
  const ofPage = new Set(
    await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map((entry) => entry.name)
        .concat(location.href),
    ),
  )
  const files = await Promise.all(
    [...addresses].map(async (address): Promise<File> => {
      // Asked for again: the browser does not keep what its workers fetched.
      const body = Buffer.from(await (await fetch(address)).arrayBuffer())
      const name = new URL(address).pathname.split('/').at(-1) || 'index.html'
      return {
        name,
        size: gzipSync(body).length / 1000,
        code: /\.(?:js|css|html)$/.test(name),
        tensorflow: name.endsWith('.js') && body.includes(TENSORFLOW),
        onPage: ofPage.has(address) && !name.includes('worker'),
      }
    }),
  )
  return files.toSorted((a, b) => b.size - a.size)
}

const total = (files: readonly File[]): number => files.reduce((sum, { size }) => sum + size, 0)

function list(title: string, files: readonly File[]): void {
  console.log(`${title}:`)
  for (const { name, size, onPage } of files)
    console.log(`    ${size.toFixed(1).padStart(7)} kB  ${name}${onPage ? '' : '  (in a worker)'}`)
}

export async function measureSizes(address: string): Promise<Figure[]> {
  await using open = await openPage()
  const { page } = open
  const fetched = new Set<string>()
  page.context().on('response', (response) => {
    if (response.url().startsWith(address) && response.ok()) fetched.add(response.url())
  })
  await page.goto(address, { waitUntil: 'networkidle' })
  const first = await filesOf(page, fetched)
  list('First load, gzip', first)

  fetched.clear()
  await inFolder(async (folder) => {
    await writePhotos(folder, { train: 2, valid: 1, size: 64 })
    await drop(page, [folder])
    await page.getByTestId('train').click()
    await page.getByTestId('accuracy-now').filter({ hasText: /\d/ }).waitFor({ timeout: 120_000 })
    await page.waitForLoadState('networkidle')
  })
  const later = await filesOf(page, fetched)
  list('Once a folder is dropped and trained on', later)

  const onPage = [...first, ...later].filter((file) => file.onPage)
  return [
    {
      what: 'first load: scripts, styles and page, workers included (gzip)',
      value: total(first.filter(({ code }) => code)),
      unit: 'kB',
      bar: 300,
    },
    {
      what: 'first load: all else, such as icons (gzip)',
      value: total(first.filter(({ code }) => !code)),
      unit: 'kB',
    },
    {
      what: 'scripts with TensorFlow.js outside workers',
      value: onPage.filter((file) => file.tensorflow).length,
      unit: '',
      bar: 1,
    },
    {
      what: 'scripts with TensorFlow.js in workers',
      value: [...first, ...later].filter((file) => file.tensorflow && !file.onPage).length,
      unit: '',
    },
  ]
}
