import { defineConfig } from '@playwright/test'
import { PATIENCE } from './e2e/patience.ts'
import { chromiumPath, HEADLESS } from './scripts/chromium.mjs'

/** `PAGE=http://localhost:5000/ npx playwright test` tests a page that is served already. */
const served = process.env.PAGE
// A port of this run's own, which its workers inherit: on a fixed one, another checkout's page would answer for this one.
process.env.PAGE_PORT ??= String(20_000 + (process.pid % 10_000))
const port = process.env.PAGE_PORT
const page = served ?? `http://localhost:${port}/`

// Two tests at a time: while one trains, another waits for its page to be drawn, or reads what stands there.
export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // A test ends by itself long before: at the first thing that it waits for in vain.
  timeout: 20 * PATIENCE,
  expect: { timeout: PATIENCE },
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    baseURL: page,
    actionTimeout: PATIENCE,
    navigationTimeout: PATIENCE,
    // What the page showed is kept of a failure. A trace costs every test; `--trace on` records one where it is needed.
    trace: 'off',
    screenshot: 'only-on-failure',
    viewport: { width: 1366, height: 768 },
    locale: 'en-US',
    launchOptions: {
      executablePath: chromiumPath(),
      args: [...HEADLESS, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
    },
  },
  webServer: served
    ? undefined
    : {
        command: `node scripts/start.mjs ${port}`,
        url: page,
        reuseExistingServer: false,
        timeout: 5 * PATIENCE,
      },
})
