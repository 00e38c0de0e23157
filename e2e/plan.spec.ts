import { join } from 'node:path'
import { chromiumPath, SOFTWARE_WEBGPU } from '../scripts/chromium.mjs'
import { mainJob } from './main-job.ts'
import { test } from './page.ts'
import { writePhotos } from './photos.ts'

test.use({
  launchOptions: {
    executablePath: chromiumPath(),
    args: [...SOFTWARE_WEBGPU, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  },
})

test('the same job at 32 px on the WebGPU plan', async ({ watched, folder }) => {
  const photos = join(folder, 'things')
  await writePhotos(photos, { train: 3, valid: 2, size: 64 })
  await mainJob(watched, {
    photos,
    validation: 10,
    settings: { size: 32, batch: 5, 'epochs-head': 1, 'epochs-all': 1 },
    engine: 'webgpu',
    expected: 'webgpu',
  })
})
