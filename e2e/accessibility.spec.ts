import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { completed, drop, expect, set, test } from './page.ts'

/** One line a finding: the rule, and where. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing before, during and after training (${colorScheme})`, async ({
    watched,
    photos,
  }) => {
    await watched.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await watched.goto('./')
    await expect(watched.getByTestId('drop-zone')).toBeVisible()
    expect(await findings(watched)).toEqual([])
    await drop(watched, [photos])
    await expect(watched.getByTestId('class-row')).toHaveCount(5)
    expect(await findings(watched)).toEqual([])
    await set(watched, { size: 32, batch: 16, 'epochs-head': 2, 'epochs-all': 2 })
    await watched.getByTestId('train').click()
    await expect(watched.getByTestId('accuracy-now')).not.toBeEmpty({ timeout: 60_000 })
    expect(await findings(watched)).toEqual([])
    await completed(watched)
    for (const tab of ['photos', 'watch', 'try', 'weights']) {
      await watched.getByTestId(`tab-${tab}`).click()
      expect(await findings(watched)).toEqual([])
    }
  })
