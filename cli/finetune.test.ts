import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { presetRecipe } from '../src/recipe/index.ts'
import { main } from './main.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

let folder: string
let data: string
let out: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabtune-cli-'))
  data = join(folder, 'photos')
  out = join(folder, 'out')
  mkdirSync(join(data, 'train', 'ants'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The command line, here: what it writes and how it ends. */
async function finetune(...flags: string[]) {
  let stdout = ''
  let stderr = ''
  const say = {
    log: (line: string) => {
      stdout += `${line}\n`
    },
    error: (line: string) => {
      stderr += `${line}\n`
    },
  }
  return { status: await main(flags, say), stdout, stderr }
}

/** The same as a command of its own, which takes seconds to start. */
function command(...flags: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'cli/finetune.ts', ...flags],
    { cwd: ROOT, encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

/** One line on stderr that holds `words`, status 2, and --out as it was. */
async function expectBadInput(words: string, ...flags: string[]) {
  const before = existsSync(out) ? readdirSync(out) : null
  const { status, stdout, stderr } = await finetune(...flags)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(words)
  expect(stdout).toBe('')
  expect(status).toBe(2)
  expect(existsSync(out) ? readdirSync(out) : null).toEqual(before)
}

function file(name: string, content: string) {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('npm run finetune', () => {
  test('prints every flag with --help', async () => {
    const { status, stdout } = command('--help')
    expect(status).toBe(0)
    for (const flag of ['data', 'out', 'preset', 'recipe', 'weights', 'engine', 'seed', 'size', 'batch'])
      expect(stdout).toContain(`--${flag} `)
  })

  test('ends with status 2 and one line on stderr where the command is wrong', () => {
    const { status, stdout, stderr } = command('--out', out)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^finetune: --data is missing.*\n$/)
  })

  test('names a missing flag, an unknown one and a stray word', async () => {
    await expectBadInput('--data is missing', '--out', out)
    await expectBadInput('--out is missing', '--data', data)
    await expectBadInput("'--epochs'", '--data', data, '--out', out, '--epochs', '3')
    await expectBadInput("'photos'", '--data', data, '--out', out, 'photos')
  })

  test('names the flag and the values that it takes', async () => {
    await expectBadInput(
      '--preset fast: must be quick, standard, best or course',
      '--data',
      data,
      '--out',
      out,
      '--preset',
      'fast',
    )
    await expectBadInput('--batch 0: must be', '--data', data, '--out', out, '--batch', '0')
    await expectBadInput('--size 31: must be', '--data', data, '--out', out, '--size', '31')
    await expectBadInput('--seed 1.5: must be', '--data', data, '--out', out, '--seed', '1.5')
    await expectBadInput(
      'nothing to train',
      '--data',
      data,
      '--out',
      out,
      '--head-epochs',
      '0',
      '--all-epochs',
      '0',
    )
  })

  test('says what is wrong with --data', async () => {
    await expectBadInput('there is no such folder', '--data', join(folder, 'none'), '--out', out)
    await expectBadInput('is no zip', '--data', file('photos.zip', 'Rar!'), '--out', out)
    await expectBadInput('is a file', '--data', file('photo.jpg', ''), '--out', out)
    mkdirSync(join(folder, 'empty'))
    await expectBadInput('is empty', '--data', join(folder, 'empty'), '--out', out)
  })

  test('says what is wrong with --out', async () => {
    await expectBadInput('is a file, not a folder', '--data', data, '--out', file('taken', ''))
    await expectBadInput('is a file, not a folder', '--data', data, '--out', join(file('taken', ''), 'below'))
  })

  test('replaces no result and no unfinished run unless it is told to', async () => {
    mkdirSync(join(out, 'checkpoint'), { recursive: true })
    await expectBadInput('--resume goes on with it, --overwrite begins anew', '--data', data, '--out', out)
    rmSync(join(out, 'checkpoint'), { recursive: true })
    writeFileSync(join(out, 'best.safetensors'), 'weights')
    await expectBadInput('holds the results of a run (best.safetensors)', '--data', data, '--out', out)
    // Told to, it gets as far as the next thing that is wrong.
    await expectBadInput(
      'there is no such file',
      '--data',
      data,
      '--out',
      out,
      '--overwrite',
      '--weights',
      'no.pth',
    )
    await expectBadInput('name one of the two', '--data', data, '--out', out, '--overwrite', '--resume')
    expect(readFileSync(join(out, 'best.safetensors'), 'utf8')).toBe('weights')
  })

  test('says where a recipe is wrong', async () => {
    await expectBadInput(
      'there is no such file',
      '--data',
      data,
      '--out',
      out,
      '--recipe',
      join(folder, 'none.json'),
    )
    await expectBadInput(
      'is not JSON',
      '--data',
      data,
      '--out',
      out,
      '--recipe',
      file('text.json', 'seed: 1'),
    )
    const recipe = { ...presetRecipe('course'), batch: 0 }
    await expectBadInput(
      'batch: ',
      '--data',
      data,
      '--out',
      out,
      '--recipe',
      file('zero.json', JSON.stringify(recipe)),
    )
    const other = { ...presetRecipe('course'), batchsize: 8 }
    await expectBadInput(
      'batchsize',
      '--data',
      data,
      '--out',
      out,
      '--recipe',
      file('key.json', JSON.stringify(other)),
    )
    const good = file('good.json', JSON.stringify(presetRecipe('quick')))
    await expectBadInput(
      'name one of the two',
      '--data',
      data,
      '--out',
      out,
      '--recipe',
      good,
      '--preset',
      'quick',
    )
  })

  test('says what is wrong with a weight file', async () => {
    await expectBadInput('no such file', '--data', data, '--out', out, '--weights', join(folder, 'none.pth'))
    await expectBadInput(
      'neither safetensors',
      '--data',
      data,
      '--out',
      out,
      '--weights',
      file('text.pth', 'weights'),
    )
  })

  test('says that a recipe or a run starts from weights that are no longer built in', async () => {
    const former = JSON.stringify({ ...presetRecipe('course'), weights: { kind: 'builtin' } })
    const recipe = file('former.json', former)
    await expectBadInput('no longer built in', '--data', data, '--out', out, '--recipe', recipe)
    await expectBadInput('--weights builtin', '--data', data, '--out', out, '--recipe', recipe)
    mkdirSync(join(out, 'checkpoint'), { recursive: true })
    writeFileSync(join(out, 'checkpoint', 'recipe.json'), former)
    await expectBadInput(
      'name that file with --weights FILE to go on',
      '--data',
      data,
      '--out',
      out,
      '--resume',
    )
    await expectBadInput('no longer built in', '--data', data, '--out', out, '--resume', '--seed', '0')
  })

  test('says that there is nothing to resume, and leaves what lies in --out', async () => {
    mkdirSync(out)
    writeFileSync(join(out, 'notes.txt'), 'mine')
    await expectBadInput('nothing to go on from', '--data', data, '--out', out, '--resume')
  })

  test('does not resume with another recipe', async () => {
    mkdirSync(join(out, 'checkpoint'), { recursive: true })
    writeFileSync(join(out, 'checkpoint', 'recipe.json'), JSON.stringify(presetRecipe('quick')))
    await expectBadInput('batch differs', '--data', data, '--out', out, '--resume', '--batch', '8')
  })
})
