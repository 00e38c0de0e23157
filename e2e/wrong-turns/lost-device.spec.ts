import type { Browser } from '@playwright/test'
import { chromiumPath, SOFTWARE_WEBGPU } from '../../scripts/chromium.mjs'
import { completed, expect, test } from '../page.ts'
import { firstEpoch, open, SMALL } from './short-run.ts'

test.use({ launchOptions: { executablePath: chromiumPath(), args: SOFTWARE_WEBGPU } })

/** As a driver's crash does: the browser's process for the graphics card dies, and every device with it. */
async function loseDevices(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  for (const { type, id } of processInfo) if (type === 'GPU') process.kill(id, 'SIGKILL')
  await session.detach()
}

test('a device that is lost is opened again, and the run goes on from its last epoch', async ({
  watched: page,
  folder,
  browser,
}) => {
  await open(page, folder, { ...SMALL, 'epochs-all': 2 }, 'webgpu')
  await page.getByTestId('train').click()
  await firstEpoch(page)
  await loseDevices(browser)
  await completed(page)
  await expect(page.locator('[data-testid=run-notice][data-code=device-reopened]')).toBeVisible()
  await expect(page.getByTestId('engine-chip')).toHaveAttribute('data-engine', 'webgpu')
})
