/** Which column of a table names the file, which the class and which the split. */
import { splitOf } from '../layout.ts'
import type { LabelTable, TableRow } from './table.ts'

export interface Columns {
  file: number
  label: number
  split: number | null
  /** The rows below the header; all of them where there is none. */
  rows: readonly TableRow[]
}

/** Headers as they are seen, without case, spaces, dots and dashes. */
const FILE = /^(file(name|path)?s?|(image|img|photo|picture)s?(file|name|path|id|filename)?|path|id|name)$/
const LABEL = /^(labels?|class(es|name|label)?|categor(y|ies|yname)|target|species|breed|tag)$/
const SPLIT = /^(split|subset|partition|dataset|set|fold|usage)$/

/** Rows that are looked at where no header says which column is which. */
const LOOKED_AT = 20

/**
 * By the header, else by which column names photos; null where no column does or there is none beside it.
 * @param isPhoto whether a cell names a photo of the folder
 */
export function findColumns({ rows }: LabelTable, isPhoto: (cell: string) => boolean): Columns | null {
  if (rows.length === 0) return null
  const header = rows[0].cells.map((cell) => cell.toLowerCase().replace(/[\s._-]/g, ''))
  const find = (pattern: RegExp) => header.findIndex((name) => pattern.test(name))
  const label = find(LABEL)
  const split = find(SPLIT)
  if (label >= 0) {
    // `id` can be the class's number beside a column of file names.
    const named = header.flatMap((name, index) => (FILE.test(name) && index !== label ? [index] : []))
    const file = named.find((index) =>
      rows.slice(1, LOOKED_AT).some(({ cells }) => isPhoto(cells[index] ?? '')),
    )
    if (named.length > 0)
      return { file: file ?? named[0], label, split: split < 0 ? null : split, rows: rows.slice(1) }
  }
  return withoutHeader(rows, isPhoto)
}

function withoutHeader(rows: readonly TableRow[], isPhoto: (cell: string) => boolean): Columns | null {
  const looked = rows.slice(0, LOOKED_AT)
  const columns = Math.max(...looked.map(({ cells }) => cells.length))
  const numbers = Array.from({ length: columns }, (_, index) => index)
  const file = numbers.find((index) => looked.some(({ cells }) => isPhoto(cells[index] ?? '')))
  if (file === undefined) return null
  const others = numbers.filter((index) => index !== file)
  const isSplit = (index: number) => looked.every(({ cells }) => splitOf(cells[index] ?? '') !== undefined)
  const split = others.length > 1 ? others.find(isSplit) : undefined
  const label = others.find((index) => index !== split)
  if (label === undefined) return null
  // A header in words of its own names no photo.
  const first = isPhoto(rows[0].cells[file] ?? '') ? 0 : 1
  return { file, label, split: split ?? null, rows: rows.slice(first) }
}
