import { DIST } from '../scripts/build.mjs'
import { serve } from '../scripts/serve.mjs'
import { completed, drop, expect, set, test } from './page.ts'

const PREFIX = '/some/sub/path/'

test('dist/ trains from any subpath of any static server', async ({ page, photos }) => {
  const { server, address } = await serve(DIST, 0, (request, response) => {
    const below = request.url?.startsWith(PREFIX) ?? false
    if (below) request.url = request.url?.slice(PREFIX.length - 1)
    else response.writeHead(404).end()
    return !below
  })
  const missing: string[] = []
  page.on('response', (response) => {
    if (response.status() >= 400) missing.push(response.url())
  })
  await page.goto(new URL(PREFIX, address).href)
  await drop(page, [photos])
  await expect(page.getByTestId('class-row')).toHaveCount(5)
  await set(page, { size: 32, batch: 32, 'epochs-head': 1, 'epochs-all': 0 })
  await page.getByTestId('train').click()
  await completed(page)
  expect(missing).toEqual([])
  server.close()
})
