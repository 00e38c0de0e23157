import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEEDS } from '../scripts/system-needs.mjs'

test.each(['README.md', 'README.zh-CN.md'])('%s names what the checks need of the system', (file) => {
  const readme = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  for (const { packages } of NEEDS)
    for (const name of packages.flatMap((entry) => entry.split(' '))) expect(readme).toContain(`\`${name}\``)
})
