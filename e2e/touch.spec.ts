/** What one can touch before training: the augmentation, and the network. */
import type { Page } from '@playwright/test'
import { chooseLesson, drop, expect, test } from './page.ts'

/** The pixels of the eight views, summed up to one text. */
const views = (page: Page) =>
  page
    .getByTestId('augmentation-views')
    .locator('canvas')
    .evaluateAll((all) =>
      all
        .map((canvas) => {
          if (!(canvas instanceof HTMLCanvasElement)) return ''
          const { width, height } = canvas
          const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data
          return `${width} ${data?.reduce((sum, value, i) => (sum * 31 + value + i) % 1_000_003, 7)}`
        })
        .join(', '),
    )

test('there is nothing to look through before the first folder, and the tabs say what comes before the first run', async ({
  watched: page,
  photos,
}) => {
  await page.goto('./')
  for (const tab of ['photos', 'confusion', 'hardest', 'try', 'weights']) {
    // Nothing is loaded yet: there is no workbench before the first folder.
    await expect(page.getByTestId(`tab-${tab}`)).toHaveCount(0)
  }
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  for (const tab of ['photos', 'confusion', 'hardest', 'try']) {
    await page.getByTestId(`tab-${tab}`).click()
    await expect(page.getByRole('tabpanel')).toContainText(/After the first epoch|Train first/)
  }
})

test('the views of a photo follow the sliders, and an operation keeps its value while it is off', async ({
  watched: page,
  photos,
}) => {
  await page.goto('./')
  await drop(page, [photos])
  await chooseLesson(page)
  await expect.poll(() => views(page)).toMatch(/^64 .*, 64 /)
  const drawn = await views(page)
  await page.getByRole('slider', { name: 'Brightness' }).press('ArrowRight')
  await expect.poll(() => views(page)).not.toBe(drawn)
  await page.getByRole('slider', { name: 'Brightness' }).press('ArrowLeft')
  await expect.poll(() => views(page)).toBe(drawn)

  await page.getByTestId('augmentation-more').click()
  const flip = page.getByTestId('type-vertical')
  await flip.fill('0.9')
  await page.getByTestId('toggle-RandomVerticalFlip').press('Space')
  await expect(flip).toHaveCount(0)
  await page.getByTestId('toggle-RandomVerticalFlip').press('Space')
  await expect(flip).toHaveValue('0.9')
  await page.getByTestId('toggle-RandomResizedCrop').press('Space')
  await expect(page.getByTestId('toggle-RandomRotation')).not.toBeChecked()
  await page.getByTestId('slide-crop').getByRole('slider').press('ArrowRight')
  await expect.poll(() => views(page)).toMatch(/^96 /)
})

test('a stage opens to its layers, and a shortcut freezes all but the last one', async ({
  watched: page,
  photos,
}) => {
  await page.goto('./')
  await drop(page, [photos])
  await chooseLesson(page)
  await expect(page.getByTestId('epoch-cost')).toContainText(/About .+ an epoch, 0\.\d\d GB of memory\./)
  await page.getByTestId('open-layer2').press('Enter')
  const layers = page.getByTestId('layers-layer2').locator('tbody tr')
  await expect(layers).toHaveCount(12)
  await expect(layers.nth(5)).toHaveText('layer2.0.downsample.0128×8×88,192')

  await page.getByTestId('freeze-shortcuts').locator('label').first().click()
  await expect(page.getByTestId('learns-sum')).toContainText('Adam gets 2 of 62 tensors, frozen ones stay.')
  for (const stage of ['stem', 'layer1', 'layer2', 'layer3', 'layer4'])
    await expect(page.getByTestId(`stage-${stage}`)).toContainText('frozen')
  await expect(page.getByTestId('stage-fc')).toContainText('new')
  await page
    .getByTestId('stage-fc')
    .getByRole('button', { name: /always learns/ })
    .click()
  await expect(page.getByText('The last layer is new for your classes, so it always learns.')).toBeVisible()
})
