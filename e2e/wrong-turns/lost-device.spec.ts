import { chromiumPath, SOFTWARE_WEBGPU } from '../../scripts/chromium.mjs'
import { completed, expect, test } from '../page.ts'
import { firstEpoch, open, SMALL } from './short-run.ts'

test.use({ launchOptions: { executablePath: chromiumPath(), args: SOFTWARE_WEBGPU } })

test('a device that is lost is opened again, and the run goes on from its last epoch', async ({
  watched: page,
  folder,
  context,
}) => {
  await open(page, folder, { ...SMALL, 'epochs-head': 2, 'epochs-all': 3 }, 'webgpu')
  await page.getByTestId('train').click()
  await firstEpoch(page)
  const crash = await context.newPage()
  await crash.goto('chrome://gpucrash').catch(() => undefined)
  await crash.close()
  await completed(page)
  await expect(page.locator('[data-testid=run-notice][data-code=device-reopened]')).toBeVisible()
  await expect(page.getByTestId('engine-chip')).toHaveAttribute('data-engine', 'webgpu')
})
