/** A whole folder at a time: answers as they come, and their table. */
import type { Sample } from '../dataset/types.ts'
import { csvRow } from '../evaluation/index.ts'
import type { PhotoAnswer } from '../training/trainer-api.ts'

/** Classes in each row of the table. */
export const TABLE_TOP = 3

/** Photos that are asked for in one call: enough to fill the loaders, few enough to cancel at once. */
const CHUNK = 32

/** Calls under way at one time: photos are decoded while the ones before are classified. */
const AT_ONCE = 2

export interface FolderOptions {
  samples: readonly Sample[]
  /** Answers in the order of the photos. */
  classify(samples: readonly Sample[]): Promise<readonly PhotoAnswer[]>
  /** Resolves when the next photos may be asked for: at once, or when training leaves the network free. */
  ready(): Promise<void>
  signal: AbortSignal
}

/**
 * Gives the answers chunk by chunk, in the order of the photos, and holds none back; ends early where `signal`
 * aborts. @throws what `classify` throws.
 */
export async function* classifyFolder(options: FolderOptions): AsyncGenerator<readonly PhotoAnswer[]> {
  const { samples, classify, ready, signal } = options
  const underWay: Promise<readonly PhotoAnswer[]>[] = []
  for (let from = 0; from < samples.length || underWay.length > 0; ) {
    while (from < samples.length && underWay.length < AT_ONCE && !signal.aborted) {
      await ready()
      if (signal.aborted) break
      const answers = classify(samples.slice(from, from + CHUNK))
      // A later call may fail while an earlier one is waited for; it is told in its turn.
      answers.catch(() => {})
      underWay.push(answers)
      from += CHUNK
    }
    const next = underWay.shift()
    if (signal.aborted || !next) return
    const answers = await next
    if (signal.aborted) return
    yield answers
  }
}

const COLUMNS = [
  'path',
  'predicted',
  'confidence',
  'second',
  'second_confidence',
  'third',
  'third_confidence',
  'error',
]

export const folderCsvHead = (): string => csvRow(COLUMNS)

/** One photo's row; one that could not be read has its path and, in the last column, the reason. */
export function folderCsvRow(answer: PhotoAnswer): string {
  const top = 'top' in answer ? answer.top.slice(0, TABLE_TOP) : []
  const cells = top.flatMap(({ name, probability }) => [name, probability.toFixed(6)])
  const blanks = new Array<string>(2 * (TABLE_TOP - top.length)).fill('')
  return csvRow([answer.path, ...cells, ...blanks, 'reason' in answer ? answer.reason : ''])
}
