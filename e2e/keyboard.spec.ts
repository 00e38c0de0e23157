import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Keyboard, listen } from './keyboard.ts'
import { completed, expect, predictions, test } from './page.ts'

test('the keyboard alone does the whole job on the sample photos, from opening them to the webcam and the weights; then it goes on without the server', async ({
  watched: page,
  context,
  photos,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto('./')
  const keyboard = new Keyboard(page)
  const heard = await listen(page)
  const button = (id: string) => page.getByTestId(id)

  await keyboard.press(button('use-samples'), 'Enter')
  await expect(button('class-row')).toHaveCount(3)
  await keyboard.expectFocus()

  const preset = page.getByTestId('preset').getByRole('radio')
  await keyboard.goTo(preset.and(page.locator(':checked')))
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowLeft')
  await keyboard.expectFocus()

  await keyboard.press(button('settings'), 'Enter', { back: true })
  const panel = page.getByTestId('settings-panel')
  for (const [field, value] of [
    ['epochs-head', '10'],
    ['epochs-all', '1'],
    ['batch', '32'],
    ['size', '128'],
  ] as const)
    await keyboard.type(panel.getByTestId(field), value)
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await expect(button('settings')).toBeFocused()

  const layer1 = page.getByTestId('stage-layer1')
  await expect(layer1).toHaveAttribute('data-learns', 'true')
  await keyboard.press(layer1.getByRole('switch'), 'Space')
  await expect(layer1).not.toHaveAttribute('data-learns')

  await keyboard.press(button('train'), 'Enter', { back: true })
  await keyboard.expectFocus()
  await expect(button('pause')).toBeEnabled()
  await keyboard.press(button('pause'), 'Enter')
  await expect(button('resume')).toBeVisible()
  await keyboard.expectFocus()
  await keyboard.press(button('resume'), 'Space')
  await keyboard.expectFocus()
  await completed(page)
  await keyboard.expectFocus()

  const tabs = page.getByTestId('results-panel').getByRole('tab')
  await keyboard.goTo(tabs.and(page.locator('[aria-selected=true]')))
  await keyboard.arrowTo(page.getByTestId('tab-try'))
  await keyboard.press(button('start-webcam'), 'Enter')
  await expect(page.getByTestId('answer')).not.toBeEmpty()
  await keyboard.expectFocus()
  await keyboard.press(button('stop-webcam'), 'Enter')
  await keyboard.expectFocus()

  await keyboard.goTo(page.getByTestId('tab-try'), { back: true })
  await keyboard.arrowTo(page.getByTestId('tab-weights'))
  const download = page.waitForEvent('download')
  await keyboard.press(button('download-best'), 'Enter')
  expect((await download).suggestedFilename()).toBe('best.safetensors')
  await keyboard.expectFocus()
  expect([...keyboard.unseen]).toEqual([])

  const lines = await heard()
  for (const said of [/photos are read: 150, in 3 classes/, /Training started/, /Training is done/])
    expect(lines.filter((line) => said.test(line))).toHaveLength(1)
  // Eleven epochs, and a webcam that names things thirty times a second.
  expect(lines.length).toBeLessThan(20)

  expect(Object.keys(await predictions(page))).toHaveLength(30)
  // Three classes: a network that learned nothing gets 10 right.
  expect(await page.locator('[data-testid=prediction][data-right=true]').count()).toBeGreaterThanOrEqual(24)

  // What was opened once needs no server any more.
  await context.setOffline(true)
  await page.getByTestId('tab-try').click()
  const leaves = join(photos, 'valid', 'leaf')
  const [leaf] = await readdir(leaves)
  await page.getByTestId('try-photos-input').setInputFiles(join(leaves, leaf))
  await expect(page.getByTestId('tried-photo').getByTestId('answer')).not.toBeEmpty()
})
