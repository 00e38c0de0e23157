import { readFile } from 'node:fs/promises'
import { presetRecipe } from '../../src/recipe/index.ts'
import { openWeightFile, writeSafetensors } from '../../src/weights/index.ts'
import { completed, drop, expect, giveRecipe, set, test } from '../page.ts'

test('settings from weights that are no longer built in say so, and train only once others are chosen', async ({
  watched: page,
  photos,
}) => {
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await page.getByTestId('settings').click()
  // As recipes were written when there was one built-in file only.
  await giveRecipe(page, { ...presetRecipe('course', 32), weights: { kind: 'builtin' } })
  await expect(page.getByTestId('recipe-taken')).toContainText('no longer built in')
  await page.getByTestId('settings').click()
  await expect(page.getByTestId('weights-wanted')).toContainText('“resnet18-builtin.safetensors”')
  await expect(page.getByTestId('train-panel')).toContainText(
    'start from weights that are no longer built in',
  )
  await expect(page.getByTestId('train')).toBeDisabled()
  await page.getByTestId('use-builtin').click()
  await expect(page.getByTestId('weights-source')).toHaveValue('Built in')
  await expect(page.getByTestId('weights-note')).toHaveText('22.4 MB, MIT')
  await expect(page.getByTestId('train')).toBeEnabled()
})

test('a file without a classifier starts a run, by the names of transformers too', async ({
  watched: page,
  photos,
}) => {
  const { state } = openWeightFile(await readFile('public/models/resnet18-imagenet.safetensors'))
  const layer = (name: string) =>
    name
      .replace(/^conv1/, 'embedder.embedder.convolution')
      .replace(/^bn1/, 'embedder.embedder.normalization')
      .replace(/^layer(\d)/, (_, stage: string) => `encoder.stages.${Number(stage) - 1}.layers`)
      .replace(/conv(\d)/, (_, place: string) => `layer.${Number(place) - 1}.convolution`)
      .replace(/bn(\d)/, (_, place: string) => `layer.${Number(place) - 1}.normalization`)
      .replace('downsample.0', 'shortcut.convolution')
      .replace('downsample.1', 'shortcut.normalization')
  const named = new Map([...state].map(([name, tensor]) => [layer(name), tensor]))
  await page.goto('./')
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await page.getByTestId('weights-input').setInputFiles({
    name: 'model.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(writeSafetensors(named)),
  })
  await expect(page.getByTestId('weights-file')).toContainText('“model.safetensors”: no classifier.')
  await set(page, { size: 32, batch: 16, 'epochs-head': 2, 'epochs-all': 0 })
  await page.getByTestId('train').click()
  await completed(page)
})
