import { mainJob } from './main-job.ts'
import { test } from './page.ts'

test('a dropped folder trains both stages on the engine that the probe chooses, and its weights classify', async ({
  watched,
  photos,
}) => {
  await mainJob(watched, {
    photos,
    settings: { size: 64, batch: 16, 'epochs-head': 3, 'epochs-all': 2 },
    expected: 'wasm',
  })
})
