import { defineConfig } from '@playwright/test'
import { chromiumPath, HEADLESS } from './scripts/chromium.mjs'

/** `PAGE=http://localhost:5000/ npx playwright test` tests a page that is served already. */
const served = process.env.PAGE
const page = served ?? 'http://localhost:4319/'

// Two files at a time: while one trains, another waits for its page to be drawn, or reads what stands there.
export default defineConfig({
  testDir: 'e2e',
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 300_000,
  globalTimeout: 25 * 60_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    baseURL: page,
    actionTimeout: 20_000,
    trace: 'retain-on-failure',
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
        command: 'node scripts/start.mjs 4319',
        url: page,
        reuseExistingServer: true,
        timeout: 180_000,
      },
})
