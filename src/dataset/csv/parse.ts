/** CSV text -> cells, by Papa Parse: a chunk of its own, loaded with the first table. */
import Papa from 'papaparse'
import type { LabelTable } from './table.ts'

/** Commas, semicolons, tabs or bars, whichever fit; quotes; a byte-order mark; empty lines. */
export function parseTable({ path, text }: { path: string; text: string }): LabelTable {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    delimitersToGuess: [',', ';', '\t', '|'],
  })
  const rows = data.map((cells, index) => ({ line: index + 1, cells: cells.map((cell) => cell.trim()) }))
  return { path, rows: rows.filter(({ cells }) => cells.some((cell) => cell !== '')) }
}
