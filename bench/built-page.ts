/** Builds a folder's `page.html` aside and serves it, as the page's own build does it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { serve } from '../scripts/serve.mjs'

export interface BuiltPage extends AsyncDisposable {
  /** The page in this browser, once the global `ready` is there; its errors are printed. */
  open(browser: Browser, ready: string): Promise<Page>
}

export async function buildPage(folder: string): Promise<BuiltPage> {
  const built = await mkdtemp(join(tmpdir(), 'tabtune-bench-'))
  await build({
    root: folder,
    configFile: false,
    publicDir: false,
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      outDir: built,
      emptyOutDir: true,
      chunkSizeWarningLimit: 4000,
      rollupOptions: { input: join(folder, 'page.html') },
    },
  })
  const { server, address } = await serve(built, 0)
  return {
    async open(browser, ready) {
      const page = await browser.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(message.text())
      })
      await page.goto(`${address}page.html`)
      await page.waitForFunction((name) => name in window, ready)
      return page
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(built, { recursive: true, force: true })
    },
  }
}
