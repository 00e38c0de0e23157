/** Two histories of the same recipe, epoch by epoch. */
import { z } from 'zod'
import type { Bound, Case } from './cases.ts'
import type { Cell } from './report.ts'

const metrics = z.object({ loss: z.number(), accuracy: z.number() })
const historySchema = z.object({
  epochs: z.array(
    z.object({
      stage: z.enum(['head', 'all']),
      epoch: z.int(),
      learningRate: z.number(),
      train: metrics,
      valid: metrics,
    }),
  ),
})
export type ComparedHistory = z.infer<typeof historySchema>
type Epoch = ComparedHistory['epochs'][number]

export const parseHistory = (json: string): ComparedHistory => historySchema.parse(JSON.parse(json))

export const HISTORY_HEAD = [
  'stage',
  'epoch',
  'rate',
  'train',
  'PyTorch',
  'differs',
  'valid',
  'PyTorch',
  'differs',
  'photos (train, valid)',
]

export interface Comparison {
  rows: Cell[][]
  /** What is outside the bounds, one text each. */
  problems: string[]
  /** Largest difference of a loss, relative. */
  largest: Record<'head' | 'all', number>
}

/** @param counts photos of each split, to count accuracies in photos. */
export function compareHistories(
  ours: ComparedHistory,
  theirs: ComparedHistory,
  bounds: Case['bounds'],
  counts: { train: number; valid: number },
): Comparison {
  const result: Comparison = { rows: [], problems: [], largest: { head: 0, all: 0 } }
  if (ours.epochs.length !== theirs.epochs.length)
    result.problems.push(`${ours.epochs.length} epochs, PyTorch ${theirs.epochs.length}`)
  theirs.epochs.forEach((their, index) => {
    const our = ours.epochs[index]
    if (our) compareEpochs(our, their, bounds[their.stage], counts, result)
  })
  return result
}

function compareEpochs(
  our: Epoch,
  their: Epoch,
  bound: Bound,
  counts: { train: number; valid: number },
  { rows, problems, largest }: Comparison,
): void {
  const where = `${their.stage} ${their.epoch}`
  if (our.stage !== their.stage || our.epoch !== their.epoch)
    problems.push(`${where}: ours is ${our.stage} ${our.epoch}`)
  // Both are doubles, multiplied in another order.
  if (Math.abs(our.learningRate / their.learningRate - 1) > 1e-9)
    problems.push(`${where}: learning rate ${our.learningRate}, PyTorch ${their.learningRate}`)
  const photos: number[] = []
  for (const split of ['train', 'valid'] as const) {
    const difference = Math.abs(our[split].loss - their[split].loss)
    largest[their.stage] = Math.max(largest[their.stage], difference / their[split].loss)
    const { relative, absolute } = bound[split]
    if (!(difference <= Math.max(relative * their[split].loss, absolute)))
      problems.push(`${where}: ${split} loss ${our[split].loss}, PyTorch ${their[split].loss}`)
    photos.push(Math.round((our[split].accuracy - their[split].accuracy) * counts[split]))
  }
  if (photos.some((count) => Math.abs(count) > bound.photos))
    problems.push(`${where}: accuracies differ by ${photos.join(' and ')} photos`)
  const cells = (split: 'train' | 'valid') => [
    our[split].loss.toFixed(5),
    their[split].loss.toFixed(5),
    percent(our[split].loss / their[split].loss - 1),
  ]
  rows.push([
    their.stage,
    their.epoch,
    Number(our.learningRate.toPrecision(6)),
    ...cells('train'),
    ...cells('valid'),
    photos.join(', '),
  ])
}

/** A relative difference in percent, two digits of it. */
export const percent = (value: number): string => `${Number((100 * value).toPrecision(2))} %`
