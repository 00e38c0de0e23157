import { drop, expect, test } from './page.ts'

test('the language is one click away and is remembered', async ({ watched }) => {
  await watched.goto('./')
  await expect(watched.getByTestId('choose-folder')).toHaveText('Choose folder')
  await watched.getByTestId('language').click()
  await expect(watched.getByTestId('choose-folder')).toHaveText(/文件夹/)
  await expect(watched.locator('html')).toHaveAttribute('lang', /^zh/)
  await watched.reload()
  await expect(watched.getByTestId('choose-folder')).toHaveText(/文件夹/)
  await watched.getByTestId('language').click()
  await expect(watched.getByTestId('choose-folder')).toHaveText('Choose folder')
})

test.describe('in a Chinese browser', () => {
  test.use({ locale: 'zh-CN' })
  test('the page is Chinese from the start and leaves no key untranslated', async ({ watched, photos }) => {
    await watched.goto('./')
    await drop(watched, [photos])
    await expect(watched.getByTestId('class-row')).toHaveCount(5)
    await expect(watched.getByTestId('train')).toHaveText(/[\u4e00-\u9fff]/)
    // A key without a translation would stand there as `panel.name`.
    expect(await watched.locator('main').textContent()).not.toMatch(/\b[a-z_]+\.[a-z_]+_[a-z_]+\b/)
  })
})
