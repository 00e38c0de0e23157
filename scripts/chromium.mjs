/** Where Chromium is, and the flags that tests, bench and the command line start it with. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

/** Flags for any headless run: no sandbox (root in containers), no background network. */
export const HEADLESS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** WebGPU on the software adapter, for correctness where there is no GPU. */
export const SOFTWARE_WEBGPU = [...HEADLESS, '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Path of an installed Chromium (the system's, else Playwright's own build), or undefined. `TABTUNE_CHROMIUM` overrides. */
export function chromiumPath() {
  const named = process.env.TABTUNE_CHROMIUM
  if (named) return named
  return [...CANDIDATES, chromium.executablePath()].find((path) => existsSync(path))
}
