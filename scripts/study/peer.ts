/** The same recipes in PyTorch, from the same weights (`scripts/pytorch/study.py`). */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Recipe } from '../../src/recipe/index.ts'
import { ROOT } from '../build.mjs'
import { type Python, script } from '../pytorch/processes.ts'
import { type Part, partSchema } from './record.ts'

const BUILTIN = join(ROOT, 'public', 'models', 'resnet18-imagenet.safetensors')

const answerSchema = z.strictObject({ parts: z.array(partSchema).min(1), cores: z.int().min(1) })

/**
 * Why PyTorch cannot have the same photos; null where it can. Without validation photos of its own a folder is split by
 * hashes here, and zips are read by the page.
 */
export function peerObstacle(path: string): string | null {
  if (!statSync(path).isDirectory()) return 'is a zip'
  const has = (name: string) => existsSync(join(path, name))
  if (!has('train') || !['valid', 'val', 'validation'].some(has)) return 'has no train and valid folders'
  return null
}

/** @throws where Python fails. */
export async function runPeer(
  python: Python,
  recipes: readonly Recipe[],
  data: string,
): Promise<{ parts: Part[]; cores: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-study-'))
  try {
    const [asked, answer] = [join(folder, 'recipes.json'), join(folder, 'answer.json')]
    writeFileSync(asked, JSON.stringify(recipes))
    await script(python, 'study.py', data, asked, BUILTIN, answer)
    return answerSchema.parse(JSON.parse(readFileSync(answer, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
