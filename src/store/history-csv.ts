/** The table of epochs as a file for spreadsheets and notebooks. */
import type { BestMark, EpochLog } from '../training/events.ts'

const COLUMNS = [
  'stage',
  'epoch',
  'learning_rate',
  'train_loss',
  'train_accuracy',
  'train_correct',
  'train_photos',
  'valid_loss',
  'valid_accuracy',
  'valid_correct',
  'valid_photos',
  'seconds',
  'best',
] as const

/** CSV after RFC 4180, one line an epoch, numbers unrounded with a point; `best` is 1 where the weights were kept. */
export function historyCsv(epochs: readonly EpochLog[], best: BestMark | null): string {
  const lines = epochs.map(({ stage, epoch, learningRate, train, valid, seconds }) =>
    [
      stage,
      epoch,
      learningRate,
      ...[train, valid].flatMap(({ loss, accuracy, correct, samples }) => [loss, accuracy, correct, samples]),
      seconds,
      stage === best?.stage && epoch === best.epoch ? 1 : 0,
    ].join(','),
  )
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`
}
