/** How long photos take that the browser cannot decode itself. */
import type { LibraryTime } from '../augment/index.ts'
import { libraryFormat } from '../dataset/formats.ts'
import type { Sample } from '../dataset/types.ts'
import type { SlowPhotos } from './state.ts'

/** The same formats, as they are called and as the decoders call them. */
const FORMATS = [
  ['HEIC', 'heic'],
  ['TIFF', 'tiff'],
] as const

/**
 * From the times so far; formats that the browser decodes itself have none and are left out.
 * @param left photos that are not decoded yet; these formats come last
 * @param loaders that decode at the same time
 */
export function slowPhotos(
  samples: readonly Sample[],
  times: readonly LibraryTime[],
  left: number,
  loaders: number,
): SlowPhotos[] {
  return FORMATS.flatMap(([name, format]) => {
    const time = times.find((candidate) => candidate.format === format)
    if (!time || time.photos === 0) return []
    const count = samples.filter(({ path }) => libraryFormat(path) === name).length
    const secondsEach = time.milliseconds / time.photos / 1000
    if (count === 0) return []
    const secondsLeft = (Math.min(left, count) * secondsEach) / Math.min(loaders, count)
    return [{ format: name, count, secondsEach, secondsLeft }]
  })
}
