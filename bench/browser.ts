/** Builds the bench page aside and opens it in Chromium. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { chromiumPath, HEADLESS, SOFTWARE_WEBGPU } from '../scripts/chromium.mjs'
import { serve } from '../scripts/serve.mjs'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const HARDWARE_WEBGPU = [...HEADLESS, '--enable-unsafe-webgpu', '--enable-features=Vulkan,WebGPU']

export interface BenchBrowser extends AsyncDisposable {
  page: Page
  adapter: string
}

/**
 * The page on a graphics card's adapter, or on Chromium's software adapter where there is none.
 * @throws where there is neither.
 */
export async function openBenchBrowser(): Promise<BenchBrowser> {
  const built = join(FOLDER, '..', 'node_modules', '.cache', `tabtune-bench-${process.pid}`)
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
  const close = async (browser?: Browser) => {
    await browser?.close()
    server.closeAllConnections()
    server.close()
    await rm(built, { recursive: true, force: true })
  }
  try {
    for (const args of [HARDWARE_WEBGPU, SOFTWARE_WEBGPU]) {
      const browser = await chromium.launch({ executablePath: chromiumPath(), args })
      const page = await browser.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(message.text())
      })
      await page.goto(`${address}page.html`)
      await page.waitForFunction(() => 'bench' in window)
      const adapter = await page.evaluate(() => window.bench.adapter())
      if (adapter !== null) return { page, adapter, [Symbol.asyncDispose]: () => close(browser) }
      await browser.close()
    }
    throw new Error('Chromium gives no WebGPU adapter, not even a software one')
  } catch (error) {
    await close()
    throw error
  }
}
