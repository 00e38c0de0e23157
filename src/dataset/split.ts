/** Validation photos taken from train by seed, class by class. */
import { stream } from '../random/index.ts'
import { byCodePoints } from './code-points.ts'
import { withoutExtension } from './formats.ts'
import { groupBy } from './group-by.ts'
import { problem, summary } from './problems.ts'
import type { Dataset, Sample } from './types.ts'

/**
 * Which of one class's photos validate. Photos are ranked by hash(seed, relative path without extension), so
 * IMG_1.jpg and IMG_1.png rank as one and fall on one side; the lowest ranks validate.
 *
 * The cut stands where the hash, which is uniform in [0, 1), reaches `share`: whether a photo validates then hangs on
 * its own path alone, and adding a photo moves no other. Only where chance leaves a class too far from its share
 * (below half or above one and a half of it, no photo to validate or none to train) does the cut move to the nearest
 * rank that is allowed; there an added photo can move one other, the nearest to the cut.
 * @returns the paths that validate; none where the class has a single photo.
 */
export function validationPaths(paths: readonly string[], seed: number, share: number): Set<string> {
  const sameStem = groupBy(paths, withoutExtension)
  const ranked = [...sameStem.keys()]
    .map((stem) => ({ stem, hash: stream(seed, 'split', stem.normalize())() }))
    .sort((a, b) => a.hash - b.hash || byCodePoints(a.stem, b.stem))
  const count = ranked.length
  if (count < 2) return new Set()
  const below = ranked.filter(({ hash }) => hash < share).length
  const least = Math.min(count - 1, Math.max(1, Math.round(0.5 * share * count)))
  const most = Math.max(least, Math.min(count - 1, Math.round(1.5 * share * count)))
  const cut = Math.min(most, Math.max(least, below))
  return new Set(ranked.slice(0, cut).flatMap(({ stem }) => sameStem.get(stem) ?? []))
}

/** Divides training photos anew into train and valid, class by class; test photos stay. */
export function splitSamples(samples: readonly Sample[], seed: number, share: number): Sample[] {
  const candidates = samples.filter((sample) => sample.split !== 'test')
  const byClass = groupBy(candidates, (sample) => sample.label)
  const valid = new Set<string>()
  for (const members of byClass.values())
    for (const path of validationPaths(
      members.map((sample) => sample.path),
      seed,
      share,
    ))
      valid.add(path)
  return samples.map((sample) =>
    sample.split === 'test' ? sample : { ...sample, split: valid.has(sample.path) ? 'valid' : 'train' },
  )
}

/**
 * The dataset with its validation photos drawn by another seed or share; unchanged where the folder itself says which
 * photos validate.
 */
export function resplit(dataset: Dataset, seed: number, validationShare: number): Dataset {
  if (!dataset.splitBySeed) return dataset
  const samples = splitSamples(dataset.samples, seed, validationShare)
  const problems = dataset.problems.filter(({ code }) => code !== 'no-validation-photos')
  return { ...dataset, samples, problems: [...problems, ...validationProblems({ ...dataset, samples })] }
}

/** Classes whose only photo trains; fatal where nothing validates at all. */
export function validationProblems({ classes, samples }: Pick<Dataset, 'classes' | 'samples'>) {
  const validated = new Set(samples.filter(({ split }) => split === 'valid').map(({ label }) => label))
  const without = classes.filter((_, label) => !validated.has(label))
  if (without.length === 0) return []
  return [problem('no-validation-photos', summary(without.map(({ name }) => name)), validated.size === 0)]
}
