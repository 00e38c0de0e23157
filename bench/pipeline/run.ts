import { parseArgs } from 'node:util'
import { findPython } from '../pytorch.ts'
import { table } from '../report.ts'
import { buildPipelineSite } from './browser.ts'
import { benchLoader } from './loader.ts'

const { values } = parseArgs({ options: { python: { type: 'string' } } })
await using site = await buildPipelineSite()
const python = await findPython(values.python)
if (python) console.log(table(await benchLoader(site, python)))
