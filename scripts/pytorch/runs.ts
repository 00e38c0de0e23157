/** PyTorch's run: the same recipe, weights and photos give the same losses. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Case, recipeOf, writePngPhotos, writeStartWeights } from './cases.ts'
import { type Comparison, compareHistories, HISTORY_HEAD, parseHistory, percent } from './histories.ts'
import { finetune, type Python, script } from './processes.ts'
import type { Report } from './report.ts'

export async function compareRuns(
  report: Report,
  python: Python,
  engines: readonly ('wasm' | 'webgpu')[],
  cases: readonly Case[],
  folder: string,
): Promise<void> {
  const data = join(folder, 'photos')
  const weights = join(folder, 'start.safetensors')
  writePngPhotos(data)
  writeStartWeights(weights, readdirSync(join(data, 'train')).toSorted())
  const counts = { train: countPhotos(join(data, 'train')), valid: countPhotos(join(data, 'valid')) }

  for (const compared of cases) {
    const name = compared.id
    const recipe = join(folder, `${name}.json`)
    const theirs = join(folder, `${name}-pytorch.json`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(recipe, JSON.stringify(recipeOf(compared), null, 2))
    let theirRun: Promise<string> | undefined
    for (const engine of engines) {
      report.section(
        `${compared.name}, ${engine}: ${counts.train} + ${counts.valid} photos of 64 px, batch 20`,
      )
      let comparison: Comparison | undefined
      await report.check('the same recipe runs in PyTorch and here', async () => {
        theirRun ??= script(python, 'train.py', data, recipe, weights, theirs)
        await theirRun
        const out = join(folder, `${name}-${engine}`)
        await finetune(
          '--data',
          data,
          '--out',
          out,
          '--recipe',
          recipe,
          '--weights',
          weights,
          '--engine',
          engine,
        )
        const ours = parseHistory(readFileSync(join(out, 'history.json'), 'utf8'))
        comparison = compareHistories(
          ours,
          parseHistory(readFileSync(theirs, 'utf8')),
          compared.bounds,
          counts,
        )
        report.table(HISTORY_HEAD, comparison.rows)
        return ''
      })
      if (!comparison) continue
      const { problems, largest } = comparison
      await report.check('learning rates, losses and accuracies agree within the bounds', () => {
        if (problems.length > 0) throw new Error(problems.join('; '))
        return `losses differ by at most ${percent(largest.head)} (head), ${percent(largest.all)} (all layers)`
      })
    }
  }
}

const countPhotos = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
