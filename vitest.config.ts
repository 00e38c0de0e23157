import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumPath, SOFTWARE_WEBGPU } from './scripts/chromium.mjs'

/** ms: no test takes a thirtieth of it on a quiet machine of two cores, so that one ten times slower, or as busy, comes through. */
const PATIENCE = 1_800_000

// `unit` runs in Node (wasm and cpu engines, formats, transforms); `kernels` runs in Chromium (WebGPU, canvas, OPFS);
// `firefox` and `webkit` drive the built page from Node; `peer` is `npm run test:peer` and
// `all-kernels` is `npm run test:kernels:all`: every family of kernels forced in turn, in Node on Dawn;
// `long` is `npm run test:long`: memory stays flat over hundreds of steps; gradients that take minutes.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          // TF.js's ES modules import without file endings, which Node refuses: Vite resolves them.
          server: { deps: { inline: [/@tensorflow/] } },
          include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'cli/**/*.test.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'peer',
          environment: 'node',
          server: { deps: { inline: [/@tensorflow/] } },
          include: ['tests/peer/*.peer-test.ts'],
          testTimeout: PATIENCE,
        },
      },
      {
        test: {
          name: 'all-kernels',
          environment: 'node',
          include: ['tests/kernels/*.kernels-test.ts'],
          testTimeout: PATIENCE,
          // One device at a time, and compiled kernels stay with it.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long',
          environment: 'node',
          server: { deps: { inline: [/@tensorflow/] } },
          include: ['tests/long/*.long-test.ts'],
          testTimeout: 3_600_000,
          execArgv: ['--expose-gc'],
        },
      },
      {
        test: {
          name: 'firefox',
          environment: 'node',
          include: ['e2e/firefox/*.firefox-test.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'webkit',
          environment: 'node',
          include: ['e2e/webkit/*.webkit-test.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
        },
      },
      {
        worker: { format: 'es' },
        // Found in workers only once a test runs, which would then be run twice.
        optimizeDeps: {
          include: ['comlink', 'zod', 'geotiff', 'papaparse', '@zip.js/zip.js'],
        },
        test: {
          name: 'kernels',
          include: ['src/**/*.browser-test.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          // Ample: workers start slowly while the unit tests keep both cores busy.
          expect: { poll: { timeout: 180_000 } },
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: chromiumPath(), args: SOFTWARE_WEBGPU },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
