/** `npx tsx bench/pipeline/run.ts [loader] [idle] [head] [webcam] [--python PATH]`: these parts of the bench alone. */
import { parseArgs } from 'node:util'
import { findPython } from '../pytorch.ts'
import { type Row, table } from '../report.ts'
import { buildPipelineSite } from './browser.ts'
import { benchLoader } from './loader.ts'
import { benchHeadEpoch, benchIdle } from './training.ts'
import { benchWebcam } from './webcam.ts'

const { values, positionals } = parseArgs({
  options: { python: { type: 'string' } },
  allowPositionals: true,
})
await using site = await buildPipelineSite()

async function rowsOf(part: string): Promise<Row[]> {
  if (part === 'idle') return benchIdle(site)
  if (part === 'head') return benchHeadEpoch(site)
  if (part === 'webcam') return benchWebcam(site)
  if (part !== 'loader') throw new Error(`${part} is none of loader, idle, head, webcam`)
  const python = await findPython(values.python)
  return python ? benchLoader(site, python) : []
}

const parts = positionals.length > 0 ? positionals : ['loader', 'idle', 'head', 'webcam']
for (const part of parts) console.log(table(await rowsOf(part)))
