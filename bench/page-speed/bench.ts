/**
 * `npm run bench:page`: what a person feels of the page's speed: bytes before anything can be clicked, tasks of the
 * main thread while it trains, the time from the drop to the first thumbnail and the first loss, and a folder of ten
 * thousand photos. In headless Chromium, each part in a fresh profile. May import `e2e`'s helpers.
 */
import { rename, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { ensureBuilt } from '../../scripts/build.mjs'
import { serve } from '../../scripts/serve.mjs'
import { type Arguments, type Part, readArguments, USAGE } from './arguments.ts'
import { openPage } from './browser.ts'
import { type Figure, line } from './figure.ts'
import { measureFirsts } from './first.ts'
import { measureMany } from './many.ts'
import { measureSizes } from './sizes.ts'
import { measureTraining } from './training.ts'

const MEASURES: Record<Part, (address: string) => Promise<Figure[]>> = {
  sizes: measureSizes,
  training: measureTraining,
  first: measureFirsts,
  many: measureMany,
}

async function measure(address: string, { out, parts }: Arguments): Promise<void> {
  const [cpu] = cpus()
  const machine = `${cpu.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`
  let browser: string
  {
    await using open = await openPage()
    browser = `Chromium ${open.browser.version()}, headless`
  }
  console.log(`${machine}\n${browser}\n`)
  const figures: Figure[] = []
  for (const part of parts) {
    console.log(`npm run bench:page -- --only ${part}`)
    const measured = await MEASURES[part](address)
    for (const figure of measured) console.log(line(figure))
    console.log()
    figures.push(...measured)
  }
  if (out) {
    // Written aside and renamed, so that the file is never half there.
    const aside = `${out}.${process.pid}.tmp`
    await writeFile(aside, `${JSON.stringify({ machine, browser, figures }, null, 2)}\n`)
    await rename(aside, out)
  }
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
  if (read.page !== undefined) return measure(read.page, read)
  const { server, address } = await serve(await ensureBuilt(), 0)
  try {
    await measure(address, read)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

await main()
