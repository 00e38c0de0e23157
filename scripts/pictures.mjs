/** `npm run pictures`: the newcomer's path as the strip of screenshots that the README shows, docs/newcomer.png. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './build.mjs'

const playwright = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js')
const { status } = spawnSync(process.execPath, [playwright, 'test', 'e2e/newcomer.spec.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, PICTURES: 'yes' },
})
process.exitCode = status ?? 1
