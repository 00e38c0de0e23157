/** A reading of the curves in words: what its sentence names, as people read it. */
import type { TFunction } from 'i18next'
import type { Reading, Share } from '../../store/reading.ts'
import type { Format } from '../shared/format.ts'

export function readingWords(
  { code, share, other, stages, epochs, photos, name }: Reading,
  t: TFunction,
  format: Format,
) {
  const accuracy = (of: Share | undefined) =>
    of ? format.accuracy({ ...of, accuracy: of.correct / of.samples }) : ''
  return t(`reading.${code}`, {
    epochs,
    photos,
    name,
    share: accuracy(share),
    other: accuracy(other),
    stage: stages ? t(`chart.stage_${stages.last}_short`) : '',
    best_stage: stages ? t(`chart.stage_${stages.best}_short`) : '',
    percent: share ? format.percent(share.correct / share.samples) : '',
  })
}
