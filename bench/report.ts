/** The bench's rows, as a table and as a file. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { reached, type Target } from './targets.ts'

const rowSchema = z.object({
  /** e.g. `plan step`, `wasm step`, `plan conv filter gradient`. */
  what: z.string(),
  shape: z.string(),
  /** Of `ours` and `peer`. */
  unit: z.string(),
  ours: z.number(),
  peer: z.number().nullable(),
  peerName: z.string().nullable(),
  /** What bar and aim are about; `figureUnit` x: above 1 is in our favour, unless less is better. */
  figure: z.number(),
  figureUnit: z.string(),
  bar: z.number().nullable(),
  aim: z.number().nullable(),
  better: z.enum(['more', 'less']),
  reached: z.enum(['aim', 'bar', 'neither']).nullable(),
})
const reportedRowSchema = rowSchema.extend({
  /** Name of the part of the bench that measured it, as `--only` takes it. */
  part: z.string(),
  /** Measures this row again. */
  command: z.string(),
})
const reportSchema = z.object({
  machine: z.string(),
  adapter: z.string(),
  /** What computes each layer, as the plan chose it for this adapter. */
  kernels: z.string().nullable(),
  rows: z.array(reportedRowSchema),
})
export type Row = z.infer<typeof rowSchema>
export type ReportedRow = z.infer<typeof reportedRowSchema>
export type Report = z.infer<typeof reportSchema>

export interface Measured {
  what: string
  shape: string
  unit: string
  ours: number
}

const held = (figure: number, target: Target | null) => ({
  bar: target?.bar ?? null,
  aim: target?.aim ?? null,
  reached: target && reached(figure, target),
})

/** Ours beside a peer's in the same unit of time: how many times as fast ours is. */
export function speedUp(ours: Measured, peer: number, peerName: string, target: Target | null = null): Row {
  const figure = peer / ours.ours
  return { ...ours, peer, peerName, figure, figureUnit: 'x', better: 'more', ...held(figure, target) }
}

/** Milliseconds of ours beside a peer's. */
export const row = (
  what: string,
  shape: string,
  ours: number,
  peer: number,
  peerName: string,
  target: Target | null = null,
): Row => speedUp({ what, shape, unit: 'ms', ours }, peer, peerName, target)

/** Ours as a share of something else of ours. */
export function share(ours: Measured, of: number, ofName: string, target: Target): Row {
  const figure = ours.ours / of
  const { better } = target
  return { ...ours, peer: of, peerName: ofName, figure, figureUnit: 'x', better, ...held(figure, target) }
}

/** A figure of its own. */
export function plain(ours: Measured, target: Target | null = null): Row {
  const figure = ours.ours
  const better = target?.better ?? 'less'
  return {
    ...ours,
    peer: null,
    peerName: null,
    figure,
    figureUnit: ours.unit,
    better,
    ...held(figure, target),
  }
}

const digits = (value: number): string => value.toPrecision(Math.max(3, Math.ceil(Math.log10(value + 1))))

/** Numbers in columns; every row with its bar and aim, where it has them. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.shape,
    `${digits(row.ours)} ${row.unit}`,
    row.peer === null ? '' : `${digits(row.peer)} ${row.unit}`,
    row.peerName ?? '',
    row.peer === null ? '' : `${digits(row.figure)}${row.figureUnit}`,
    row.bar === null ? '' : `${row.bar}`,
    row.aim === null ? '' : `${row.aim}`,
    row.reached ?? '',
  ])
  const head = ['what', 'shape', 'ours', 'beside', 'that is', 'ratio', 'bar', 'aim', 'reached']
  const all = [head, ...cells]
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column].length)))
  const isNumber = (column: number) => [2, 3, 5, 6, 7].includes(column)
  return all
    .map((line) =>
      line
        .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * Writes the report; rows of parts that did not run now stay as an earlier run on the same machine left them. Written
 * aside and renamed, so that the file is never half there.
 */
export async function writeReport(path: string, report: Report): Promise<void> {
  const parts = new Set(report.rows.map(({ part }) => part))
  const before = await earlier(path)
  const same = before?.machine === report.machine && before.adapter === report.adapter ? before : null
  const kept = same?.rows.filter(({ part }) => !parts.has(part)) ?? []
  const kernels = report.kernels ?? same?.kernels ?? null
  const aside = `${path}.${process.pid}.tmp`
  const merged: Report = { ...report, kernels, rows: [...kept, ...report.rows] }
  await writeFile(aside, `${JSON.stringify(merged, null, 2)}\n`)
  await rename(aside, path)
}

/** A report that this program understands, or null. */
async function earlier(path: string): Promise<Report | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const read = reportSchema.safeParse(JSON.parse(text))
  return read.success ? read.data : null
}
