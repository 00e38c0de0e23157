/**
 * `npm run bench`: our engines beside their peers, in one run, on the same weights and photos, warm, medians. Runs on
 * a page that is built for it, in headless Chromium; PyTorch in a process of its own. May import `src/engine`, the
 * plan's inner parts too, `src/model` and `src/random`.
 */
import { cpus, totalmem } from 'node:os'
import { type Arguments, PARTS, type Part, readArguments, USAGE } from './arguments.ts'
import { openBenchBrowser } from './browser.ts'
import { RUN } from './parts.ts'
import { findPython } from './pytorch.ts'
import { type ReportedRow, table, writeReport } from './report.ts'

function commandOf(part: Part, python: string | undefined): string {
  return `npm run bench -- --only ${part}${python === undefined ? '' : ' --python PYTHON'}`
}

async function bench({ out, python: named, parts }: Arguments): Promise<void> {
  const [cpu] = cpus()
  const machine = `${cpu.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`
  const python = await findPython(named)
  await using browser = await openBenchBrowser()
  const { adapter, page } = browser
  const kernels = await page.evaluate(() => window.bench.kernels(64, 8))
  console.log(`${machine}\n${adapter}\nkernels: ${kernels}`)
  if (!python) console.log(`PyTorch: left out, ${named ?? 'no Python here'} has no torch and torchvision`)
  const rows: ReportedRow[] = []
  for (const part of parts) {
    const command = commandOf(part, named)
    console.log(`\n${PARTS[part]}: ${command}`)
    const start = performance.now()
    const measured = await RUN[part]({ page, python })
    if (measured.length > 0) console.log(table(measured))
    console.log(`${Math.round((performance.now() - start) / 1000)} s`)
    rows.push(...measured.map((row) => ({ ...row, part, command })))
  }
  if (out) await writeReport(out, { machine, adapter, kernels, rows })
}

async function main(): Promise<void> {
  let read: Arguments
  try {
    read = readArguments()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  if (read.help) console.log(USAGE)
  else await bench(read)
}

await main()
