/** What a run leaves, in PyTorch: the entries, the logits, the classified photos. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { recipeSchema } from '../../src/recipe/index.ts'
import { logitsInChromium } from './browser.ts'
import { writeJpegPhotos } from './cases.ts'
import { finetune, type Python, script } from './processes.ts'
import type { Report } from './report.ts'

const PHOTOS = 16
const LOGIT_BOUND = 1e-3
/** Below this difference of two probabilities a pixel's rounding decides. */
const MARGIN = 0.05

const answerSchema = z.object({
  entries: z.int(),
  different: z.array(z.string()),
  by: z.string(),
  strict: z.union([z.literal(true), z.string()]),
  logits: z.array(z.array(z.number())).default([]),
  photos: z
    .array(z.object({ path: z.string(), predicted: z.string(), probability: z.number(), margin: z.number() }))
    .default([]),
})

export async function compareWeights(
  report: Report,
  python: Python,
  engines: readonly ('wasm' | 'webgpu')[],
  folder: string,
): Promise<void> {
  const files = {
    folder,
    data: join(folder, 'photos'),
    best: join(folder, 'out', 'best.safetensors'),
    recipe: join(folder, 'out', 'recipe.json'),
    predictions: join(folder, 'out', 'predictions.csv'),
  }
  mkdirSync(folder, { recursive: true })
  writeJpegPhotos(files.data)
  const ask = async (...args: string[]) => {
    const answer = join(folder, 'answer.json')
    await script(python, 'check_weights.py', files.best, answer, ...args)
    return answerSchema.parse(JSON.parse(readFileSync(answer, 'utf8')))
  }

  report.section('best.safetensors of a course run on JPEG photos')
  const ended = await report.check('the run ends', async () => {
    const flags = [
      '--head-epochs',
      '3',
      '--all-epochs',
      '1',
      '--batch',
      '16',
      '--seed',
      '1',
      '--engine',
      engines[0],
    ]
    await finetune('--data', files.data, '--out', join(folder, 'out'), ...flags)
    return ''
  })
  if (!ended) return
  await report.check("it has exactly torchvision's 122 entries and loads with strict=True", async () => {
    const { entries, different, strict, by } = await ask()
    if (entries !== 122 || different.length > 0)
      throw new Error(`${entries} entries; ${different.join(', ')}`)
    if (strict !== true) throw new Error(strict)
    return `read by ${by}`
  })
  for (const engine of engines)
    await report.check(`PyTorch's logits on ${PHOTOS} validation photos, same pixels, are ${engine}'s`, () =>
      sameLogits(files, engine, ask),
    )
  await report.check('from the same JPEG files through Pillow, top-1 is that of predictions.csv', () =>
    sameClasses(files, ask),
  )
}

interface Files {
  folder: string
  data: string
  best: string
  recipe: string
  predictions: string
}
type Ask = (...args: string[]) => Promise<z.infer<typeof answerSchema>>

async function sameLogits(files: Files, engine: 'wasm' | 'webgpu', ask: Ask): Promise<string> {
  const { evaluation } = recipeSchema.parse(JSON.parse(readFileSync(files.recipe, 'utf8')))
  const all = listPhotos(files.data)
  // Every so many, so that all classes are among them.
  const every = Math.floor(all.length / PHOTOS)
  const chosen = all.filter((_, index) => index % every === 0).slice(0, PHOTOS)
  const offered = new Map(chosen.map((path) => [`/photos/${path}`, readFileSync(join(files.data, path))]))
  offered.set('/best.safetensors', readFileSync(files.best))
  const ours = await logitsInChromium(join(files.folder, 'page'), offered, {
    weights: '/best.safetensors',
    photos: chosen.map((path) => ({ path, url: `/photos/${path}` })),
    evaluation,
    engine,
  })
  const pixels = join(files.folder, 'pixels.bin')
  writeFileSync(pixels, Uint8Array.from(ours.pixels))
  const theirs = (await ask('--pixels', pixels, '--size', String(ours.size))).logits.flat()
  if (theirs.length !== ours.logits.length)
    throw new Error(`${theirs.length} logits, ours ${ours.logits.length}`)
  const largest = Math.max(...theirs.map((value, i) => Math.abs(value - ours.logits[i])))
  if (!(largest <= LOGIT_BOUND)) throw new Error(`they differ by ${largest}`)
  return `they differ by at most ${largest.toExponential(1)}`
}

async function sameClasses(files: Files, ask: Ask): Promise<string> {
  const { photos } = await ask('--data', files.data, '--recipe', files.recipe)
  const ours = readPredictions(files.predictions)
  const expected = listPhotos(files.data).length
  const clear = photos.filter(({ margin }) => margin > MARGIN)
  if (photos.length !== expected || clear.length === 0)
    throw new Error(
      `PyTorch classified ${photos.length} of ${expected} photos, ${clear.length} of them clearly`,
    )
  const differing = clear.filter(({ path, predicted }) => ours.get(path)?.predicted !== predicted)
  if (differing.length > 0) throw new Error(`not so for ${differing.map(({ path }) => path).join(', ')}`)
  const confidences = clear.map(({ path, probability }) =>
    Math.abs(probability - (ours.get(path)?.confidence ?? 0)),
  )
  return `${clear.length} of ${photos.length} photos have a margin above ${MARGIN}; confidences differ by at most ${Math.max(...confidences).toFixed(4)}`
}

/** The validation photos' paths, relative to the folder. */
function listPhotos(data: string): string[] {
  return readdirSync(join(data, 'valid'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jpg'))
    .map((path) => `valid/${path.replaceAll('\\', '/')}`)
    .toSorted()
}

function readPredictions(path: string): Map<string, { predicted: string; confidence: number }> {
  const [head, ...rows] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  if (head !== 'path,split,true,predicted,confidence') throw new Error(`predictions.csv begins with ${head}`)
  return new Map(
    rows.map((row) => {
      const [photo, , , predicted, confidence] = row.split(',')
      return [photo, { predicted, confidence: Number(confidence) }]
    }),
  )
}
