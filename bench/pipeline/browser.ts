/** Builds the pipeline's page aside and opens it in headless Chromium. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { chromiumPath, SOFTWARE_WEBGPU } from '../../scripts/chromium.mjs'
import { serve } from '../../scripts/serve.mjs'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** A camera of moving shapes that needs nobody's consent. */
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

export interface PipelineSite extends AsyncDisposable {
  /** Calls `use` with the page in a browser of its own. */
  open<T>(use: (page: Page) => Promise<T>): Promise<T>
}

export async function buildPipelineSite(): Promise<PipelineSite> {
  const built = join(FOLDER, '..', '..', 'node_modules', '.cache', `tabtune-pipeline-${process.pid}`)
  await build({
    root: FOLDER,
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
      rollupOptions: { input: join(FOLDER, 'page.html') },
    },
  })
  const { server, address } = await serve(built, 0)
  return {
    async open(use) {
      const browser = await chromium.launch({
        executablePath: chromiumPath(),
        args: [...SOFTWARE_WEBGPU, ...FAKE_CAMERA],
      })
      try {
        const page = await browser.newPage()
        page.on('console', (message) => {
          if (message.type() === 'error') console.error(message.text())
        })
        await page.goto(`${address}page.html`)
        await page.waitForFunction(() => 'pipeline' in window)
        return await use(page)
      } finally {
        await browser.close()
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(built, { recursive: true, force: true })
    },
  }
}
