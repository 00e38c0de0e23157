import { chromiumPath, SOFTWARE_WEBGPU } from '../scripts/chromium.mjs'
import { mainJob } from './main-job.ts'
import { test } from './page.ts'

test.use({
  launchOptions: {
    executablePath: chromiumPath(),
    args: [...SOFTWARE_WEBGPU, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  },
})

test('the same job at 32 px on the WebGPU plan', async ({ watched, photos }) => {
  await mainJob(watched, {
    photos,
    settings: { size: 32, batch: 8, 'epochs-head': 2, 'epochs-all': 1 },
    engine: 'webgpu',
    expected: 'webgpu',
  })
})
