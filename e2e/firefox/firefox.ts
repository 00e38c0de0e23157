/** Firefox as a person uses it, driven over WebDriver BiDi. */
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { z } from 'zod'
import { PATIENCE } from '../patience.ts'

export interface FirefoxOptions {
  path: string
  /** The folder that its folder picker gives. */
  folder?: string
  /** Where downloads go. */
  downloads?: string
  /** Replaces preferences. */
  preferences?: Record<string, string | number | boolean>
}

/** A fresh profile, headless, with a made-up camera that needs no permission. */
export async function openFirefox({
  path,
  folder,
  downloads,
  preferences,
}: FirefoxOptions): Promise<Browser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    protocol: 'webDriverBiDi',
    executablePath: path,
    headless: true,
    timeout: PATIENCE,
    protocolTimeout: PATIENCE,
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: {
      'intl.accept_languages': 'en-US',
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      ...(downloads && {
        'browser.download.folderList': 2,
        'browser.download.dir': downloads,
        'browser.download.alwaysOpenPanel': false,
        'browser.helperApps.neverAsk.saveToDisk': 'application/octet-stream',
      }),
      ...preferences,
    },
  })
  if (folder !== undefined) await answerFolderPicker(browser, folder)
  return browser
}

/**
 * Firefox's automation gives files to an input, but no folder. So the folder picker itself is answered, in the
 * browser's own window: Firefox reads the folder then as after a person's choice, and asks whether to upload it
 * (to the page), which is answered, too.
 */
async function answerFolderPicker(browser: Browser, folder: string): Promise<void> {
  const { contexts } = treeSchema.parse(
    await send(browser, 'browsingContext.getTree', { 'moz:scope': 'chrome' }),
  )
  await send(browser, 'script.callFunction', {
    target: { context: contexts[0].context },
    functionDeclaration: PICKER,
    arguments: [{ type: 'string', value: folder }],
    awaitPromise: true,
  })
}

const treeSchema = z.object({ contexts: z.array(z.object({ context: z.string() })).min(1) })

/** Runs in Firefox's own window, whose names (`Cc`, `Services`) a page does not have. */
const PICKER = `(folder) => {
  class Picker {
    QueryInterface = ChromeUtils.generateQI(['nsIFilePicker'])
    init() {}
    appendFilters() {}
    get file() {
      const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile)
      file.initWithPath(folder)
      return file
    }
    open(callback) {
      Services.tm.dispatchToMainThread(() => callback.done(Ci.nsIFilePicker.returnOK))
    }
  }
  Components.manager.QueryInterface(Ci.nsIComponentRegistrar).registerFactory(
    Components.ID('{' + crypto.randomUUID() + '}'), '', '@mozilla.org/filepicker;1',
    {
      QueryInterface: ChromeUtils.generateQI(['nsIFactory']),
      createInstance: (id) => new Picker().QueryInterface(id),
    },
  )
  Services.obs.addObserver((dialog) => {
    dialog.setTimeout(() => {
      const { button0 } = dialog.Dialog.ui
      button0.disabled = false
      button0.click()
    })
  }, 'common-dialog-loaded')
}`

const responseSchema = z.object({ result: z.unknown() })

/** A command of the protocol that Puppeteer has no word for. */
async function send(browser: Browser, method: string, params: unknown): Promise<unknown> {
  const connection: unknown = Reflect.get(browser, 'connection')
  if (!(connection instanceof Object && 'send' in connection && typeof connection.send === 'function'))
    throw new Error('this version of puppeteer-core gives no connection')
  return responseSchema.parse(await connection.send(method, params)).result
}

/** The element with a test id, once it is there. */
export const found = (page: Page, id: string, timeout = PATIENCE) =>
  page.locator(`[data-testid="${id}"]`).setTimeout(timeout).waitHandle()

export const click = (page: Page, id: string): Promise<void> =>
  page.locator(`[data-testid="${id}"]`).setTimeout(PATIENCE).click()

/** What stands in it, once there is something. */
export async function textOf(page: Page, id: string, timeout = PATIENCE): Promise<string> {
  const handle = await page.waitForFunction(
    (name) => document.querySelector(`[data-testid="${name}"]`)?.textContent || null,
    { timeout },
    id,
  )
  return (await handle.jsonValue()) ?? ''
}

export const gone = (page: Page, id: string): Promise<unknown> =>
  page.waitForSelector(`[data-testid="${id}"]`, { hidden: true })

/** Types numbers into the settings. */
export async function set(page: Page, settings: Record<string, number>): Promise<void> {
  await click(page, 'settings')
  for (const [name, value] of Object.entries(settings)) {
    await page.locator(`[data-testid="settings-panel"] [data-testid="${name}"]`).fill(String(value))
    await page.keyboard.press('Tab')
  }
  await click(page, 'settings')
  await gone(page, 'settings-panel')
}
