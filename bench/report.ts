/** The bench's rows, as a table and as a file. */
import { rename, writeFile } from 'node:fs/promises'

export interface Row {
  /** e.g. `plan step`, `wasm step`, `plan conv filter gradient`. */
  what: string
  shape: string
  unit: 'ms'
  ours: number
  peer: number
  peerName: string
  /** Above 1 in our favour. */
  ratio: number
}

export interface Report {
  machine: string
  adapter: string
  rows: Row[]
}

export function row(what: string, shape: string, ours: number, peer: number, peerName: string): Row {
  return { what, shape, unit: 'ms', ours, peer, peerName, ratio: peer / ours }
}

const digits = (value: number): string => value.toPrecision(Math.max(3, Math.ceil(Math.log10(value + 1))))

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, shape, ours, peer, peerName, ratio }) => [
    what,
    shape,
    `${digits(ours)} ms`,
    `${digits(peer)} ms`,
    peerName,
    `${digits(ratio)}x`,
  ])
  const all = [['what', 'shape', 'ours', 'peer', 'peer is', 'ratio'], ...cells]
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)))
  const isNumber = (column: number) => [2, 3, 5].includes(column)
  return all
    .map((line) =>
      line
        .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Written aside and renamed, so that the file is never half there. */
export async function writeReport(path: string, report: Report): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`
  await writeFile(aside, `${JSON.stringify(report, null, 2)}\n`)
  await rename(aside, path)
}
