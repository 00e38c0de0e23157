/**
 * `npm run test:pytorch`: this project beside PyTorch, on generated photos.
 *
 *   --python PATH    a Python with torch and torchvision (default: /usr/bin/python3 or python3)
 *   --engine NAMES   wasm, webgpu or both with a comma (default: wasm,webgpu)
 *   --case NAMES     which runs: some of sgd,momentum,adam (default: all)
 *   --only NAMES     some of runs,weights,pth (default: all)
 *   --out FILE       the tables as markdown
 *   --keep           leave the files where it says
 *
 * Closes with `N passed, N failed, N skipped`; exit status 1 where one failed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CASES } from './pytorch/cases.ts'
import { findPython } from './pytorch/processes.ts'
import { comparePth } from './pytorch/pth.ts'
import { Report, Skip } from './pytorch/report.ts'
import { compareRuns } from './pytorch/runs.ts'
import { compareWeights } from './pytorch/weights.ts'

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    engine: { type: 'string', default: 'wasm,webgpu' },
    case: { type: 'string', default: CASES.map(({ id }) => id).join() },
    only: { type: 'string', default: 'runs,weights,pth' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const engines = z.array(z.enum(['wasm', 'webgpu'])).parse(values.engine.split(','))
const cases = z
  .array(z.enum(CASES.map(({ id }) => id)))
  .parse(values.case.split(','))
  .flatMap((id) => CASES.filter((compared) => compared.id === id))
const parts = z.array(z.enum(['runs', 'weights', 'pth'])).parse(values.only.split(','))

const work = mkdtempSync(join(tmpdir(), 'tabtune-pytorch-'))

const report = new Report()
const python = await findPython(values.python)
if (python) {
  console.log(`${python.command}: ${python.versions}`)
  report.section(python.versions)
  if (parts.includes('runs')) await compareRuns(report, python, engines, cases, join(work, 'runs'))
  if (parts.includes('weights')) await compareWeights(report, python, engines, join(work, 'weights'))
  if (parts.includes('pth')) await comparePth(report, python, join(work, 'pth'))
} else
  for (const part of parts)
    await report.check(`${part} beside PyTorch`, () => {
      throw new Skip(`${values.python ?? 'no Python here'} does not import torch and torchvision`)
    })
if (values.out) writeFileSync(values.out, report.markdown)
if (values.keep) console.log(`\nfiles: ${work}`)
else rmSync(work, { recursive: true, force: true })
console.log(`\n${report.summary}`)
process.exitCode = report.failed ? 1 : 0
