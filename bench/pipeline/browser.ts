/** Builds the pipeline's page aside and opens it in headless Chromium. */
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { chromiumPath, SOFTWARE_WEBGPU } from '../../scripts/chromium.mjs'
import { buildPage } from '../built-page.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** A camera of moving shapes that needs nobody's consent. */
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

export interface PipelineSite extends AsyncDisposable {
  /** Calls `use` with the page in a browser of its own. */
  open<T>(use: (page: Page) => Promise<T>): Promise<T>
}

export async function buildPipelineSite(): Promise<PipelineSite> {
  const built = await buildPage(FOLDER)
  return {
    async open(use) {
      const browser = await chromium.launch({
        executablePath: chromiumPath(),
        args: [...SOFTWARE_WEBGPU, ...FAKE_CAMERA],
      })
      try {
        return await use(await built.open(browser, 'pipeline'))
      } finally {
        await browser.close()
      }
    },
    [Symbol.asyncDispose]: () => built[Symbol.asyncDispose](),
  }
}
