/**
 * The sentence over every epoch of recorded runs, in both languages: `tests/histories/readings.md` holds them, to be read aloud
 * when a rule or a word changes (`npx vitest run --project unit -u src/store/reading-histories.test.ts` writes it anew).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInstance } from 'i18next'
import { expect, test } from 'vitest'
import { z } from 'zod'
import en from '../app/i18n/en/index.ts'
import zh from '../app/i18n/zh/index.ts'
import { formatFor } from '../app/shared/format.ts'
import { readingWords } from '../app/train/reading-words.ts'
import { LOCKABLE_STAGES } from '../model/index.ts'
import { PRESETS, presetRecipe, TRAINING_STAGES } from '../recipe/index.ts'
import type { BestMark, EpochLog } from '../training/events.ts'
import { isBetter } from '../training/run-state.ts'
import { type Reading, readCurves, type Share } from './reading.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'tests', 'histories')

const metrics = z.strictObject({ loss: z.number(), correct: z.int(), samples: z.int() })
const historySchema = z.strictObject({
  about: z.string(),
  preset: z.enum(PRESETS),
  classes: z.array(z.strictObject({ name: z.string(), photos: z.int() })),
  epochs: z.array(
    z.strictObject({
      stage: z.enum(TRAINING_STAGES),
      epoch: z.int(),
      learningRate: z.number(),
      locked: z.array(z.enum(LOCKABLE_STAGES)),
      train: metrics,
      valid: metrics,
    }),
  ),
})

interface Told {
  at: EpochLog
  /** The best epoch so far. */
  best: BestMark | null
  ended: boolean
  reading: Reading
}

function tell(name: string) {
  const text = readFileSync(join(FOLDER, `${name}.json`), 'utf8')
  const { about, preset, classes, epochs } = historySchema.parse(JSON.parse(text))
  const withShare = (of: z.infer<typeof metrics>) => ({ ...of, accuracy: of.correct / of.samples })
  const logs = epochs.map(
    (epoch): EpochLog => ({
      ...epoch,
      train: withShare(epoch.train),
      valid: withShare(epoch.valid),
      seconds: 1,
    }),
  )
  let best: BestMark | null = null
  const told: Told[] = []
  for (const [index, at] of logs.entries()) {
    const mark = { stage: at.stage, epoch: at.epoch, accuracy: at.valid.accuracy, loss: at.valid.loss }
    if (isBetter(mark, best)) best = mark
    for (const ended of index === logs.length - 1 ? [false, true] : [false]) {
      const recipe = presetRecipe(preset)
      const reading = readCurves({
        epochs: logs.slice(0, index + 1),
        best,
        recipe,
        validPhotos: classes,
        ended,
      })
      if (reading) told.push({ at, best, ended, reading })
    }
  }
  return { name, about, logs, told }
}

const histories = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map((file) => tell(file.replace(/\.json$/, '')))

test('there are ten recorded runs, and more', () => expect(histories.length).toBeGreaterThanOrEqual(10))

test.each(histories)(
  '$name: nobody is told to stop before the best of a stage is there',
  ({ logs, told }) => {
    for (const { at, reading } of told) {
      if (reading.advice !== 'stop') continue
      expect(at.stage).not.toBe('head')
      const stage = logs.filter((log) => log.stage === at.stage)
      const later = stage.filter(({ epoch }) => epoch > at.epoch)
      const before = Math.max(...stage.slice(0, at.epoch).map(({ valid }) => valid.correct))
      // What came later was not better by more than chance makes of so many photos.
      const noise = Math.ceil(Math.sqrt(at.valid.samples * 0.25))
      for (const { valid } of later) expect(valid.correct - before).toBeLessThanOrEqual(noise)
    }
  },
)

/** Codes of a run that goes on, and of one that is over; the others hold for both. */
const RUNNING =
  /^(first|diverging|earlier-ahead|nothing-yet|stage-begins|memorising|past-best|too-slow|settled|settled-all|settled-head|falling|uneven)$/
const OVER = /^(.*-ended|ended|memorised|earlier-kept|earlier-equal|more-epochs)$/

test.each(histories)('$name: what is over is told in the past, and what goes on is not', ({ told }) => {
  for (const { ended, reading } of told) expect(reading.code).not.toMatch(ended ? RUNNING : OVER)
})

test.each(histories)('$name: advice is something that can be done there', ({ told }) => {
  for (const { at, ended, reading } of told) {
    if (ended) expect(reading.advice).not.toBe('stop')
    // What the frozen layers see does not change with the rate of those that learn.
    if (reading.code === 'settled') expect(at.locked.length).toBeGreaterThan(0)
  }
})

test('the sentences are those that were read aloud', async () => {
  const lines = await Promise.all(histories.map(written))
  await expect(`${['# What the page says of recorded runs', ...lines].join('\n\n')}\n`).toMatchFileSnapshot(
    join(FOLDER, 'readings.md'),
  )
})

async function written({ about, told }: (typeof histories)[number]): Promise<string> {
  const rows = [
    '| epoch | training | validation | English | 中文 | button |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  const speak = await Promise.all([speaker('en', en), speaker('zh', zh)])
  for (const { at, ended, reading } of told) {
    const share = ({ correct, samples }: Share) => `${Math.round((100 * correct) / samples)} %`
    const cells = [
      `${at.stage} ${at.epoch}${ended ? ', ended' : ''}`,
      `${at.train.loss.toPrecision(3)}, ${share(at.train)}`,
      `${at.valid.loss.toPrecision(3)}, ${share(at.valid)}`,
      ...speak.map((say) => say(reading)),
      reading.advice ?? '',
    ]
    rows.push(`| ${cells.join(' | ')} |`)
  }
  return [`## ${about}`, '', ...rows].join('\n')
}

async function speaker(language: 'en' | 'zh', translation: object) {
  const i18n = createInstance()
  await i18n.init({
    lng: language,
    resources: { [language]: { translation } },
    interpolation: { escapeValue: false },
  })
  const { t } = i18n
  const format = formatFor(t, language === 'zh' ? 'zh-CN' : 'en')
  return (reading: Reading): string => readingWords(reading, t, format)
}
