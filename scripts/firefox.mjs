/** Where Firefox is. */
import { existsSync } from 'node:fs'

const CANDIDATES = [
  '/usr/bin/firefox-esr',
  '/usr/lib/firefox/firefox',
  '/usr/lib64/firefox/firefox',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
]

/** Path of an installed Firefox, or undefined. `TABTUNE_FIREFOX` overrides. */
export function firefoxPath() {
  return process.env.TABTUNE_FIREFOX ?? CANDIDATES.find((path) => existsSync(path))
}
