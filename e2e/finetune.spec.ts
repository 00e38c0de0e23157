import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../scripts/build.mjs'
import { expect, test } from './page.ts'
import { writePhotos } from './photos.ts'

/** `npm run finetune`; `onLine` may end it with a signal. */
function finetune(flags: readonly string[], onLine: (line: string, end: () => void) => void = () => {}) {
  return new Promise<{ status: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/finetune.ts', ...flags], { cwd: ROOT })
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk
      onLine(chunk.toString(), () => child.kill('SIGINT'))
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', (status) => resolve({ status, output }))
  })
}

interface Epoch {
  stage: string
  epoch: number
  learningRate: number
  train: { loss: number; accuracy: number }
  valid: { loss: number; accuracy: number }
  seconds: number
  locked: string[]
}

/** The epochs of a history.json without their times. */
async function historyOf(out: string): Promise<Omit<Epoch, 'seconds'>[]> {
  const { epochs }: { epochs: Epoch[] } = JSON.parse(await readFile(join(out, 'history.json'), 'utf8'))
  return epochs.map(({ seconds: _, ...epoch }) => epoch)
}

const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

const flags = [
  '--preset',
  'course',
  '--size',
  '32',
  '--batch',
  '8',
  '--head-epochs',
  '2',
  '--all-epochs',
  '2',
  '--seed',
  '3',
]

test('the command line trains a folder and writes its files; the same recipe gives the same history, and so does a run that is broken off and resumed', async ({
  photos,
  folder,
}) => {
  const first = join(folder, 'first')
  await test.step('trained', async () => {
    const { status, output } = await finetune(['--data', photos, '--out', first, '--loaders', '1', ...flags])
    expect(output).toMatch(/^head {2}1\/2 .*\nhead {2}2\/2 .*\nall {3}1\/2 .*\nall {3}2\/2 /m)
    expect(status, output).toBe(0)
    expect(readdirSync(first).sort()).toEqual([
      'best.safetensors',
      'history.json',
      'predictions.csv',
      'recipe.json',
    ])

    const history = JSON.parse(await readFile(join(first, 'history.json'), 'utf8'))
    expect(history.engine).toBe('wasm')
    expect(history.epochs).toHaveLength(4)
    expect(history.epochs[0]).toMatchObject({
      stage: 'head',
      epoch: 1,
      learningRate: 0.01,
      locked: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    })
    expect(history.epochs[2]).toMatchObject({ stage: 'all', epoch: 1, learningRate: 0.001, locked: [] })
    expect(Object.keys(history.epochs[0].train)).toEqual(['loss', 'accuracy'])
    const rows = (await readFile(join(first, 'predictions.csv'), 'utf8')).trim().split('\n')
    expect(rows[0]).toBe('path,split,true,predicted,confidence')
    expect(rows).toHaveLength(11)
    const right = rows.slice(1).filter((row) => row.split(',')[2] === row.split(',')[3]).length
    expect(right / 10).toBeCloseTo(history.best.accuracy, 6)
  })

  await test.step('repeated from its recipe, with other loaders', async () => {
    const repeated = join(folder, 'repeated')
    const recipe = join(first, 'recipe.json')
    await finetune(['--data', photos, '--out', repeated, '--loaders', '4', '--recipe', recipe])
    expect(await historyOf(repeated)).toEqual(await historyOf(first))
    expect(await readFile(join(repeated, 'recipe.json'), 'utf8')).toBe(await readFile(recipe, 'utf8'))
    expect(await hashOf(join(repeated, 'best.safetensors'))).toBe(
      await hashOf(join(first, 'best.safetensors')),
    )
  })

  const out = join(folder, 'out')
  await test.step('broken off by Ctrl-C, which keeps the best so far', async () => {
    const stopped = await finetune(['--data', photos, '--out', out, ...flags], (line, end) => {
      if (line.includes('all   1/2')) end()
    })
    expect(stopped.status, stopped.output).toBe(130)
    expect(readdirSync(out).sort()).toEqual([
      'best.safetensors',
      'checkpoint',
      'history.json',
      'predictions.csv',
      'recipe.json',
    ])
    expect(await historyOf(out)).toEqual((await historyOf(first)).slice(0, 3))
  })

  await test.step('resumed, it ends as the unbroken one', async () => {
    const resumed = await finetune(['--data', photos, '--out', out, '--resume'])
    expect(resumed.status, resumed.output).toBe(0)
    expect(resumed.output).not.toContain('head  1/2')
    expect(await historyOf(out)).toEqual(await historyOf(first))
    expect(existsSync(join(out, 'checkpoint'))).toBe(false)
  })
})

test('what only the page can find wrong with a folder ends with status 2 and writes nothing', async ({
  folder,
}) => {
  const data = join(folder, 'data')
  const out = join(folder, 'out')
  await mkdir(data)
  await writeFile(join(data, 'notes.txt'), 'no photo')
  const none = await finetune(['--data', data, '--out', out])
  expect(none).toMatchObject({ status: 2, output: expect.stringContaining('--data: no photo among 1 files') })

  await writePhotos(join(folder, 'things'))
  for (const split of ['train', 'valid'])
    for (const name of readdirSync(join(folder, 'things', split)))
      if (name !== 'leaf') await rm(join(folder, 'things', split, name), { recursive: true })
  const one = await finetune(['--data', join(folder, 'things'), '--out', out])
  expect(one).toMatchObject({ status: 2, output: expect.stringContaining('only one class (leaf)') })
  expect(existsSync(out)).toBe(false)
})
