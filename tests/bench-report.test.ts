import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plain, type Report, type ReportedRow, row, share, writeReport } from '../bench/report.ts'

const more = { bar: 25, aim: 50, better: 'more' } as const
const less = { bar: 1.3, aim: 1, better: 'less' } as const

it('a row says whether bar or aim was reached, in the direction that is better', () => {
  expect(row('step', '64 px', 2, 120, 'stock', more)).toMatchObject({ figure: 60, reached: 'aim' })
  expect(row('step', '64 px', 2, 60, 'stock', more)).toMatchObject({ figure: 30, reached: 'bar' })
  expect(row('step', '64 px', 2, 40, 'stock', more)).toMatchObject({ figure: 20, reached: 'neither' })
  expect(row('step', '64 px', 2, 40, 'stock')).toMatchObject({ figure: 20, reached: null })
  const gradient = { what: 'gradient', shape: 'layer1', unit: 'ms', ours: 24 }
  expect(share(gradient, 20, 'forward', less)).toMatchObject({ figure: 1.2, reached: 'bar' })
  expect(plain({ ...gradient, ours: Number.NaN }, less)).toMatchObject({ reached: 'neither' })
})

it('a report keeps what an earlier one on the same machine says of other parts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabtune-report-'))
  const file = join(folder, 'report.json')
  const reported = (part: string, ours: number): ReportedRow => ({
    ...plain({ what: part, shape: '', unit: 'ms', ours }),
    part,
    command: `npm run bench -- --only ${part}`,
  })
  const report = (machine: string, ...rows: ReportedRow[]): Report => ({
    machine,
    adapter: 'a',
    kernels: 'k',
    rows,
  })
  const written = async () => {
    const { rows }: Report = JSON.parse(await readFile(file, 'utf8'))
    return rows.map(({ part, ours }) => [part, ours])
  }
  try {
    await writeReport(file, report('one', reported('step', 1), reported('memory', 2)))
    await writeReport(file, report('one', reported('step', 3)))
    expect(await written()).toEqual([
      ['memory', 2],
      ['step', 3],
    ])
    await writeReport(file, report('another', reported('head', 4)))
    expect(await written()).toEqual([['head', 4]])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
