/** Builds the bench page aside and opens it in Chromium. */
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { chromiumPath, HEADLESS, SOFTWARE_WEBGPU } from '../scripts/chromium.mjs'
import { buildPage } from './built-page.ts'

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
  const built = await buildPage(FOLDER)
  try {
    for (const args of [HARDWARE_WEBGPU, SOFTWARE_WEBGPU]) {
      const browser = await chromium.launch({ executablePath: chromiumPath(), args })
      const page = await built.open(browser, 'bench')
      const adapter = await page.evaluate(() => window.bench.adapter())
      if (adapter !== null)
        return {
          page,
          adapter,
          async [Symbol.asyncDispose]() {
            await browser.close()
            await built[Symbol.asyncDispose]()
          },
        }
      await browser.close()
    }
    throw new Error('Chromium gives no WebGPU adapter, not even a software one')
  } catch (error) {
    await built[Symbol.asyncDispose]()
    throw error
  }
}
