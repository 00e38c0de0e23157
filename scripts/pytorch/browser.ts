/** Asks `logits-page.ts` in Chromium. */
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { ROOT } from '../build.mjs'
import { chromiumPath, SOFTWARE_WEBGPU } from '../chromium.mjs'
import { serve } from '../serve.mjs'
import type { LogitsAnswer, LogitsRequest } from './logits-page.ts'

/**
 * @param folder where the page is built.
 * @param files what the page may fetch, by the path that the request's addresses have.
 */
export async function logitsInChromium(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  request: LogitsRequest,
): Promise<LogitsAnswer> {
  await build({
    configFile: false,
    root: join(ROOT, 'scripts', 'pytorch'),
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: true,
      chunkSizeWarningLimit: 10_000,
      rollupOptions: { input: join(ROOT, 'scripts', 'pytorch', 'logits.html') },
    },
  })
  const { server, address } = await serve(folder, 0, (incoming, response) => {
    const file = files.get(decodeURIComponent(incoming.url ?? ''))
    if (file) response.end(file)
    return file !== undefined
  })
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: SOFTWARE_WEBGPU })
  try {
    const page = await browser.newPage()
    await page.goto(`${address}logits.html`)
    await page.waitForFunction(() => 'logits' in window)
    return await page.evaluate((asked) => window.logits(asked), request)
  } finally {
    await browser.close()
    server.close()
  }
}
