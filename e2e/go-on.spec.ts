import { presetRecipe, withSize } from '../src/recipe/index.ts'
import { inspect } from './inspect.ts'
import { completed, drop, expect, giveRecipe, numbers, test } from './page.ts'

test('after the last layer a run goes on with the last stage, then with all layers; nothing is trained twice', async ({
  watched: page,
  photos,
}) => {
  const quick = withSize(presetRecipe('quick'), 64)
  const head = { ...quick.stages.head, epochs: 3 }
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await page.getByTestId('settings').click()
  await giveRecipe(page, { ...quick, batch: 8, stages: { ...quick.stages, head } })
  await expect(page.getByTestId('recipe-taken')).toContainText('photos of 64 px, 3 epochs')
  await page.getByTestId('settings').click()
  const model = page.getByTestId('learns-sum')
  // Of the last layer: 512 x 5 weights and 5 biases.
  await expect(model).toContainText('learns 2.6 k of 11.2 M')
  await expect(page.getByTestId('freeze-shortcuts')).toHaveCount(0)

  await page.getByTestId('train').click()
  await completed(page)
  const further = page.getByTestId('train-further')
  const last = await numbers(page)
  expect(last.map(([epoch]) => epoch)).toEqual(['1, last layer', '2, last layer', '3, last layer'])

  await test.step('offered, once it was tried what it is worth', async () => {
    await expect(page.getByTestId('depth')).toContainText('Tried on some photos')
    expect(await inspect(page, 'go on offered', 'en')).toEqual([])
  })

  await test.step('with other settings it would be another run', async () => {
    await expect(further).toContainText('Go on: train the last stage')
    await page.getByTestId('settings').click()
    const batch = page.getByTestId('settings-panel').getByTestId('batch')
    await batch.fill('4')
    await batch.blur()
    await expect(further).toHaveCount(0)
    await batch.fill('8')
    await batch.blur()
    // What is to follow may be changed.
    await page.getByTestId('epochs-upper').fill('2')
    await page.getByTestId('settings').click()
    await expect(further).toBeVisible()
  })

  const stages = (of: string[][]) => of.map(([epoch]) => epoch.replace(/^\d+, /, ''))
  const upper = await test.step('the last stage', async () => {
    await further.click()
    await completed(page)
    const table = await numbers(page)
    expect(table.slice(0, 3)).toEqual(last)
    expect(new Set(stages(table.slice(3)))).toEqual(new Set(['last stage']))
    await expect(model).toContainText('learns 8.4 M of 11.2 M')
    await expect(page.getByTestId('run-recipe')).toContainText('Standard')
    await expect(page.getByTestId('run-recipe')).toContainText('3 last layer, 2 last stage')
    return table
  })

  await test.step('all layers', async () => {
    await expect(further).toContainText('Go on: train all layers')
    await expect(page.getByTestId('further-text')).toContainText('All layers learn')
    await page.getByTestId('settings').click()
    await page.getByTestId('epochs-all').fill('1')
    await page.getByTestId('settings').click()
    await further.click()
    await completed(page)
    const table = await numbers(page)
    expect(table.slice(0, upper.length)).toEqual(upper)
    expect(new Set(stages(table.slice(upper.length)))).toEqual(new Set(['all layers']))
    await expect(model).toContainText('learns 11.2 M of 11.2 M')
    await expect(further).toHaveCount(0)
  })
})
