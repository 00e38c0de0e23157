/** The main job in WebKitGTK: `npm run test:webkit`, where Debian's `webkit2gtk-driver` and `xvfb` are installed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { serve } from '../../scripts/serve.mjs'
import { writePhotos } from '../photos.ts'
import { hasWebKit, WebKit } from './webkit.ts'

const TAB = '\uE004'

describe.runIf(hasWebKit())('in WebKit', () => {
  let folder: string
  let address = process.env.PAGE
  let webkit: WebKit
  let close = () => {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tabtune-webkit-'))
    if (!address) {
      const served = await serve(await ensureBuilt(), 0)
      address = served.address
      close = () => served.server.close()
    }
    webkit = await WebKit.open()
  })
  afterAll(async () => {
    await webkit?.close()
    close()
    await rm(folder, { recursive: true, force: true })
  })

  test('the files of a folder train both stages on the processor, and give their weights', async () => {
    const photos = await writePhotos(join(folder, 'things'), { train: 3, valid: 2, size: 64 })
    await webkit.goTo(address!)
    await webkit.find('folder-input')
    // WebDriver gives files and no folder: each gets the path that it has in its folder, as a chosen folder's have.
    await webkit.run(
      `const [paths] = arguments
       const input = document.querySelector('[data-testid="folder-input"]')
       input.removeAttribute('webkitdirectory')
       input.hidden = false
       input.addEventListener('change', () => {
         for (const file of input.files)
           Object.defineProperty(file, 'webkitRelativePath', { value: paths.find((path) => path.endsWith('/' + file.name)) })
       }, true)`,
      photos.map(({ path }) => `things/${path}`),
    )
    await webkit.type('folder-input', photos.map(({ path }) => join(folder, 'things', path)).join('\n'))
    await expect
      .poll(() => webkit.run(`return document.querySelectorAll('[data-testid="class-row"]').length`), {
        timeout: 20_000,
      })
      .toBe(5)

    await webkit.click('settings')
    for (const [name, value] of [
      ['epochs-head', 1],
      ['epochs-all', 1],
      ['batch', 8],
      ['size', 64],
    ]) {
      await webkit.clear(`${name}`)
      await webkit.type(`${name}`, `${value}${TAB}`)
    }
    await webkit.click('settings')
    await expect
      .poll(() => webkit.run(`return document.querySelector('[data-testid="settings-panel"]')`))
      .toBeNull()
    await webkit.click('train')
    await expect
      .poll(() => webkit.run(`return document.querySelector('[data-testid="run-result"]')?.dataset.status`), {
        timeout: 180_000,
        interval: 500,
      })
      .toBe('completed')
    expect(
      await webkit.run(`return document.querySelector('[data-testid="engine-chip"]').dataset.engine`),
    ).toBe('wasm')

    await webkit.click('tab-weights')
    await expect
      .poll(() => webkit.run(`return document.querySelector('[data-testid="weight-size"]')?.innerText`), {
        timeout: 60_000,
      })
      .toBe('44.8 MB')
  })
})
