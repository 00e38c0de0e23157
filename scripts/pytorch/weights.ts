/** What a run leaves, in PyTorch; and what PyTorch leaves, here. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { HostTensor } from '../../src/model/index.ts'
import { recipeSchema } from '../../src/recipe/index.ts'
import { openWeightFile } from '../../src/weights/index.ts'
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
  logits: z.array(z.array(z.number())).optional(),
  photos: z
    .array(z.object({ path: z.string(), predicted: z.string(), probability: z.number(), margin: z.number() }))
    .optional(),
})

export async function compareWeights(
  report: Report,
  python: Python,
  engines: readonly ('wasm' | 'webgpu')[],
  folder: string,
): Promise<void> {
  const data = join(folder, 'photos')
  const out = join(folder, 'out')
  const best = join(out, 'best.safetensors')
  const answerFile = join(folder, 'answer.json')
  mkdirSync(folder, { recursive: true })
  writeJpegPhotos(data)
  const ask = async (...args: string[]) => {
    await script(python, 'check_weights.py', best, answerFile, ...args)
    return answerSchema.parse(JSON.parse(readFileSync(answerFile, 'utf8')))
  }

  report.section('best.safetensors of a course run on JPEG photos')
  await report.check('the run ends', async () => {
    const epochs = ['--head-epochs', '3', '--all-epochs', '1', '--batch', '16', '--seed', '1']
    await finetune('--data', data, '--out', out, ...epochs, '--engine', engines[0])
    return ''
  })
  await report.check("it has exactly torchvision's 122 entries and loads with strict=True", async () => {
    const { entries, different, strict, by } = await ask()
    if (entries !== 122 || different.length > 0)
      throw new Error(`${entries} entries; ${different.join(', ')}`)
    if (strict !== true) throw new Error(strict)
    return `read by ${by}`
  })

  const photos = listPhotos(data)
  for (const engine of engines)
    await report.check(
      `PyTorch's logits on ${PHOTOS} validation photos, same pixels, are ${engine}'s`,
      async () => {
        const { evaluation } = recipeSchema.parse(JSON.parse(readFileSync(join(out, 'recipe.json'), 'utf8')))
        // Every so many, so that all classes and orientations are among them.
        const chosen = photos
          .filter((_, index) => index % Math.floor(photos.length / PHOTOS) === 0)
          .slice(0, PHOTOS)
        const files = new Map(chosen.map((path) => [`/photos/${path}`, readFileSync(join(data, path))]))
        files.set('/best.safetensors', readFileSync(best))
        const ours = await logitsInChromium(join(folder, 'page'), files, {
          weights: '/best.safetensors',
          photos: chosen.map((path) => ({ path, url: `/photos/${path}` })),
          evaluation,
          engine,
        })
        const pixels = join(folder, 'pixels.bin')
        writeFileSync(pixels, Uint8Array.from(ours.pixels))
        const theirs = (await ask('--pixels', pixels, '--size', String(ours.size))).logits?.flat() ?? []
        if (theirs.length !== ours.logits.length)
          throw new Error(`${theirs.length} logits, ours ${ours.logits.length}`)
        const largest = Math.max(...theirs.map((value, i) => Math.abs(value - ours.logits[i])))
        if (!(largest <= LOGIT_BOUND)) throw new Error(`they differ by ${largest}`)
        return `they differ by at most ${largest.toExponential(1)}`
      },
    )

  await report.check(
    'from the same JPEG files through Pillow, top-1 is that of predictions.csv',
    async () => {
      const { photos: theirs = [] } = await ask('--data', data, '--recipe', join(out, 'recipe.json'))
      const ours = readPredictions(join(out, 'predictions.csv'))
      const clear = theirs.filter(({ margin }) => margin > MARGIN)
      const differing = clear.filter(({ path, predicted }) => ours.get(path)?.predicted !== predicted)
      if (theirs.length !== photos.length || clear.length === 0)
        throw new Error(`${theirs.length} photos, ${clear.length} of them clear`)
      if (differing.length > 0) throw new Error(differing.map(({ path }) => path).join(', '))
      const same = theirs.filter(({ path, predicted }) => ours.get(path)?.predicted === predicted)
      const confidence = Math.max(
        ...same.map((photo) => Math.abs(photo.probability - (ours.get(photo.path)?.confidence ?? 0))),
      )
      return `${clear.length} of ${theirs.length} photos have a margin above ${MARGIN}; confidences differ by at most ${confidence.toFixed(4)}`
    },
  )

  report.section("PyTorch's .pth files")
  await report.check('PyTorch saves the weights in every form', async () => {
    const saved = join(folder, 'pth')
    mkdirSync(saved)
    await script(python, 'save_pth.py', best, saved)
    return ''
  })
  const expected = openWeightFile(readFileSync(best)).state
  for (const name of readdirSync(join(folder, 'pth')).toSorted())
    await report.check(`${name} holds the same values here`, () => {
      const { state, format } = openWeightFile(readFileSync(join(folder, 'pth', name)))
      for (const [entry, { data: values }] of expected) {
        const found = state.get(entry)
        if (!found || Buffer.compare(bytesOf(found.data), bytesOf(values)) !== 0)
          throw new Error(`${entry} differs`)
      }
      return format
    })
}

const bytesOf = ({ buffer, byteOffset, byteLength }: HostTensor['data']) =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** The validation photos' paths, relative to the folder. */
function listPhotos(data: string): string[] {
  return readdirSync(join(data, 'valid'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.jpg$/.test(path))
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
