/**
 * `npm run test:pytorch`: this project beside PyTorch, on generated photos.
 *
 *   --python PATH    a Python with torch and torchvision (default: /usr/bin/python3 or python3)
 *   --engine NAMES   wasm, webgpu or both with a comma (default: wasm,webgpu)
 *   --only NAMES     some of runs,weights,pth (default: all)
 *   --out FILE       the tables as markdown
 *   --keep           leave the files in .cache/test-pytorch
 *
 * Closes with `N passed, N failed, N skipped`; exit status 1 where one failed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ROOT } from './build.mjs'
import { findPython } from './pytorch/processes.ts'
import { comparePth } from './pytorch/pth.ts'
import { Report, Skip } from './pytorch/report.ts'
import { compareRuns } from './pytorch/runs.ts'
import { compareWeights } from './pytorch/weights.ts'

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    engine: { type: 'string', default: 'wasm,webgpu' },
    only: { type: 'string', default: 'runs,weights,pth' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const engines = z.array(z.enum(['wasm', 'webgpu'])).parse(values.engine.split(','))
const parts = z.array(z.enum(['runs', 'weights', 'pth'])).parse(values.only.split(','))

const work = join(ROOT, '.cache', 'test-pytorch')
rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })

const report = new Report()
const python = await findPython(values.python)
if (python) {
  console.log(`${python.command}: ${python.versions}`)
  report.section(python.versions)
  if (parts.includes('runs')) await compareRuns(report, python, engines, join(work, 'runs'))
  if (parts.includes('weights')) await compareWeights(report, python, engines, join(work, 'weights'))
  if (parts.includes('pth')) await comparePth(report, python, join(work, 'pth'))
} else
  for (const part of parts)
    await report.check(`${part} beside PyTorch`, () => {
      throw new Skip(`${values.python ?? 'no Python here'} does not import torch and torchvision`)
    })
if (values.out) writeFileSync(values.out, report.markdown)
if (!values.keep) rmSync(work, { recursive: true, force: true })
console.log(`\n${report.summary}`)
process.exitCode = report.failed ? 1 : 0
