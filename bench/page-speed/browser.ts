/** A browser of its own for each measurement: nothing is warm that was not made warm on purpose. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumPath, HEADLESS } from '../../scripts/chromium.mjs'

export interface OpenPage extends AsyncDisposable {
  browser: Browser
  context: BrowserContext
  page: Page
}

/** An empty page in a fresh profile, as large as a laptop's. */
export async function openPage(): Promise<OpenPage> {
  const profile = await mkdtemp(join(tmpdir(), 'tabtune-profile-'))
  // A persistent context keeps photos and compiled code on disk, as a person's browser does.
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: HEADLESS,
    viewport: { width: 1366, height: 768 },
  })
  const [page] = context.pages()
  return {
    browser: context.browser()!,
    context,
    page,
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

/** A folder of the measurement's own, removed after it. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tabtune-photos-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
