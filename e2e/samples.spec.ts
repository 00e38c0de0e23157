import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { completed, expect, predictions, set, test } from './page.ts'

test('sample photos train with no folder and no network, and a photo of a class is recognised', async ({
  watched,
  context,
  photos,
}) => {
  await watched.goto('./')
  await watched.getByTestId('use-samples').click()
  await expect(watched.getByTestId('class-row')).toHaveCount(5, { timeout: 60_000 })
  await set(watched, { size: 64, batch: 32, 'epochs-head': 5, 'epochs-all': 1 })
  await watched.getByTestId('train').click()
  await completed(watched)
  expect(Object.keys(await predictions(watched))).toHaveLength(40)
  // Five classes: a network that learned nothing gets 8 right.
  expect(await watched.locator('[data-testid=prediction][data-right=true]').count()).toBeGreaterThan(20)

  // What was opened once needs no server any more.
  await context.setOffline(true)
  await watched.getByTestId('tab-try').click()
  const leaves = join(photos, 'valid', 'leaf')
  const [leaf] = await readdir(leaves)
  await watched.getByTestId('try-photos-input').setInputFiles(join(leaves, leaf))
  await expect(watched.getByTestId('tried-photo').getByTestId('answer')).not.toBeEmpty()
})
