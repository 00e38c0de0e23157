/** Classes and splits by tables of `file,label` (and perhaps `split`). Pure. */
import { byCodePoints } from '../code-points.ts'
import { type FileParts, splitOf } from '../layout.ts'
import { problem, summary } from '../problems.ts'
import type { FolderEntry, Problem, Split } from '../types.ts'
import { type Columns, findColumns } from './columns.ts'
import { type FindPhoto, photoFinder } from './find-photo.ts'
import type { LabelTable } from './table.ts'

export interface TableLabels {
  /** Paths of the tables that were used. */
  tables: string[]
  labelled: { entry: FolderEntry; classId: string; split: Split }[]
  problems: Problem[]
}

/** A table counts where so much of it names photos of the folder, or so many of the photos stand in it. */
const ENOUGH = 0.5

/**
 * The photos that the tables label; null where no table fits the folder. What a table names wrongly, and photos that
 * stand in none, are left out and listed.
 */
export function labelByTables(
  tables: readonly LabelTable[],
  photos: readonly FileParts[],
): TableLabels | null {
  const entries = new Map(photos.map(({ entry }) => [entry.path, entry]))
  const finder = photoFinder([...entries.keys()])
  const fitting = tables.flatMap((table) => {
    const find = finder(table.path)
    const columns = findColumns(table, (cell) => find(cell) !== undefined)
    const found =
      columns?.rows.filter(({ cells }) => find(cells[columns.file] ?? '') !== undefined).length ?? 0
    const enough = columns && found > 0 && found >= ENOUGH * Math.min(columns.rows.length, photos.length)
    return enough ? [{ table, columns, find }] : []
  })
  if (fitting.length === 0) return null
  const labels = new Map<string, { classId: string; split: Split }>()
  const named = new Set<string>()
  const problems = fitting.flatMap(({ table, columns, find }) =>
    readRows(table, columns, find, labels, named),
  )
  const unlisted = [...entries.keys()].filter((path) => !named.has(path)).sort(byCodePoints)
  const paths = fitting.map(({ table }) => table.path)
  if (unlisted.length > 0)
    problems.push(problem('csv-unlisted', { path: paths.join(', '), ...summary(unlisted) }))
  const labelled = [...labels].map(([path, label]) => ({ entry: entries.get(path)!, ...label }))
  return { tables: paths, labelled, problems }
}

/** Adds a table's rows to `labels` (path -> class and split), and the photos in any of its rows to `named`. */
function readRows(
  { path }: LabelTable,
  { rows, file, label, split }: Columns,
  find: FindPhoto,
  labels: Map<string, { classId: string; split: Split }>,
  named: Set<string>,
): Problem[] {
  const bad: string[] = []
  const missing: string[] = []
  const unknown = new Set<string>()
  let unknownRows = 0
  const repeated = new Set<string>()
  const ofTable = splitOf(path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '')) ?? 'train'
  for (const { line, cells } of rows) {
    const [cell, classId] = [cells[file] ?? '', (cells[label] ?? '').normalize()]
    const found = find(cell)
    if (found !== undefined) named.add(found)
    const said = split === null ? '' : (cells[split] ?? '')
    const into = said === '' ? ofTable : splitNamed(said)
    if (cell === '' || classId === '') bad.push(String(line))
    else if (found === undefined) missing.push(cell)
    else if (into === undefined) {
      unknown.add(said)
      unknownRows++
    } else {
      const before = labels.get(found)
      if (!before) labels.set(found, { classId, split: into })
      else if (before.classId !== classId || before.split !== into) repeated.add(found)
    }
  }
  const problems: Problem[] = []
  if (bad.length > 0) problems.push(problem('csv-bad-rows', { path, ...summary(bad) }))
  if (missing.length > 0) problems.push(problem('csv-missing-files', { path, ...summary(missing) }))
  if (unknown.size > 0)
    problems.push(problem('csv-unknown-split', { path, ...summary([...unknown]), count: unknownRows }))
  if (repeated.size > 0) problems.push(problem('csv-repeated', { path, ...summary([...repeated]) }))
  return problems
}

/** As folders are named, and what tables say besides. */
const splitNamed = (value: string): Split | undefined =>
  splitOf(value) ?? (['dev', 'eval'].includes(value.toLowerCase()) ? 'valid' : undefined)
