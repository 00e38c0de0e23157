/**
 * `npm run study`: a table of recipes on folders of photos, through the product's own code. One JSON line a run is added to a
 * file; what stands there already is not run again, so a study can be ended at any time and goes on.
 *
 *   --data DIR       a folder or zip of photos, or `samples`; may be given several times
 *   --seeds LIST     (default: 1,2,3)
 *   --only NAMES     recipes or groups of them (default: all)
 *   --out FILE       the file of runs (default: docs/study.jsonl)
 *   --summary        prints the tables from the file and runs nothing
 *   --peer           runs the same in PyTorch too
 *   --python PATH    a Python with torch and torchvision (default: /usr/bin/python3 or python3)
 *   --check          runs quick, standard and best, and compares with their targets; exit status 1 where one is missed
 */
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { z } from 'zod'
import { stagesOf } from '../src/recipe/index.ts'
import { ensureBuilt, ROOT } from './build.mjs'
import { findPython } from './pytorch/processes.ts'
import { openFolder, type StudyFolder } from './study/folders.ts'
import { peerObstacle, runPeer } from './study/peer.ts'
import { CHECKED, chosenRows, isBeginning, RECIPES, recipesOf, type StudyRecipe } from './study/recipes.ts'
import {
  beginning,
  type Part,
  type RunKey,
  recipesSha256,
  StudyFile,
  type StudyRecord,
} from './study/record.ts'
import { createRunner, type Runner } from './study/run.ts'
import { checkFolder, summaryText } from './study/summary.ts'

// npm runs scripts in the project's folder; paths are meant from where the person is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)

const OPTIONS = {
  data: { type: 'string', multiple: true },
  seeds: { type: 'string', default: '1,2,3' },
  only: { type: 'string' },
  out: { type: 'string', default: join(ROOT, 'docs', 'study.jsonl') },
  summary: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  peer: { type: 'boolean', default: false },
  python: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

function readSeeds(list: string): number[] {
  const seed = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().max(4294967295))
  const read = z.array(seed).safeParse(list.split(','))
  if (!read.success) throw new Error(`--seeds ${list}: must be whole numbers with commas between`)
  return read.data
}

interface Job {
  key: RunKey
  row: StudyRecipe
  folder: StudyFolder
}

/**
 * Seed by seed, so that a study that is ended early has compared everything once. Rows that are how another one begins come
 * last: that one's run answers them.
 */
function jobsOf(rows: readonly StudyRecipe[], folders: readonly StudyFolder[], seeds: readonly number[]) {
  const begins = (row: StudyRecipe) => rows.some((whole) => isBeginningRow(row, whole))
  const ordered = [...rows.filter((row) => !begins(row)), ...rows.filter(begins)]
  return seeds.flatMap((seed) =>
    ordered.flatMap((row) =>
      folders.map((folder): Job => {
        const sha256 = recipesSha256(recipesOf(row, seed))
        const { name: data, photos } = folder
        return { key: { by: 'tabtune', recipe: row.name, sha256, data, photos, seed }, row, folder }
      }),
    ),
  )
}

function isBeginningRow(row: StudyRecipe, whole: StudyRecipe): boolean {
  const [first, ...rest] = recipesOf(row, 0)
  const [later, ...more] = recipesOf(whole, 0)
  return rest.length === 0 && more.length === 0 && isBeginning(first, later)
}

/** The rows that a run answers by its first stages. */
function beginningsOf(record: StudyRecord, row: StudyRecipe): StudyRecord[] {
  return RECIPES.filter((other) => isBeginningRow(other, row)).flatMap((other) => {
    const [first] = recipesOf(other, record.seed)
    const part = beginning(record.parts[0], stagesOf(first))
    const sha256 = recipesSha256([first])
    return part ? [{ ...record, recipe: other.name, sha256, parts: [part], beginningOf: row.name }] : []
  })
}

type Runs = (job: Job) => Promise<Omit<StudyRecord, keyof RunKey>>

/** @returns how many runs failed; those are not written down, so the next study tries them again. */
async function study(jobs: readonly Job[], file: StudyFile, runs: Runs): Promise<number> {
  let failed = 0
  for (const [index, job] of jobs.entries()) {
    const { key, row, folder } = job
    const where = key.by === 'pytorch' ? ' in PyTorch' : ''
    const title = `${index + 1} of ${jobs.length}: ${row.name} on ${folder.name}, seed ${key.seed}${where}`
    if (file.find(key)) {
      console.log(`${title}: in the file already`)
      continue
    }
    console.log(title)
    try {
      const record = { ...key, ...(await runs(job)) }
      file.add(record)
      for (const other of beginningsOf(record, row)) if (!file.find(other)) file.add(other)
    } catch (error) {
      failed++
      console.error(`failed: ${title}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return failed
}

const ours =
  (runner: Runner): Runs =>
  async ({ key, row, folder }) => {
    const parts: Part[] = []
    let weights: Uint8Array<ArrayBuffer> | undefined
    for (const recipe of recipesOf(row, key.seed)) {
      const run = await runner.run(recipe, folder.path, weights)
      parts.push(run.part)
      weights = run.weights
    }
    return { parts, cores: availableParallelism() }
  }

/** The jobs in PyTorch, on the folders that it can read. @returns how many failed. */
async function studyPeer(jobs: readonly Job[], file: StudyFile, named: string | undefined): Promise<number> {
  const python = await findPython(named)
  if (!python) {
    console.error(`note: ${named ?? 'no Python here'} does not import torch and torchvision: no peer`)
    return 0
  }
  console.log(`\n${python.command}: ${python.versions}`)
  const readable = jobs.filter(({ folder }) => peerObstacle(folder.path) === null)
  for (const { name, path } of new Set(jobs.map(({ folder }) => folder))) {
    const obstacle = peerObstacle(path)
    if (obstacle) console.error(`note: ${name} ${obstacle}: no peer on it`)
  }
  const theirs = readable.map((job): Job => ({ ...job, key: { ...job.key, by: 'pytorch' } }))
  return study(theirs, file, ({ key, row, folder }) => runPeer(python, recipesOf(row, key.seed), folder.path))
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS })
  const path = resolve(values.out)
  const file = new StudyFile(path)
  if (file.note) console.error(`note: ${values.out}: ${file.note}`)
  if (values.summary) {
    console.log(summaryText(file.records))
    return 0
  }
  const seeds = readSeeds(values.seeds)
  const rows = chosenRows(values.check ? CHECKED : (values.only?.split(',') ?? null))
  const folders = (values.data ?? []).map(openFolder)
  if (folders.length === 0) throw new Error('--data is missing: name a folder of photos, or samples')
  const runner = createRunner(await ensureBuilt(), console.log)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void runner.close().finally(() => process.exit(130)))
  const jobs = jobsOf(rows, folders, seeds)
  let failed = await study(jobs, file, ours(runner))
  if (values.peer) failed += await studyPeer(jobs, file, values.python)
  console.log(`\n${summaryText(file.records)}`)
  if (!values.check) return failed > 0 ? 1 : 0
  const checked = folders.flatMap((folder) => checkFolder(file.records, folder, seeds))
  for (const { text } of checked) console.log(text)
  return checked.some(({ missed }) => missed) ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`study: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
