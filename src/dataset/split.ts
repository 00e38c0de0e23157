/** Validation photos taken from train by seed, class by class; what belongs together stays on one side. */
import { stream } from '../random/index.ts'
import { byCodePoints } from './code-points.ts'
import { withoutExtension } from './formats.ts'
import { groupBy } from './group-by.ts'
import { problem, summary } from './problems.ts'
import { recordingOf } from './recordings.ts'
import type { ClassInfo, Dataset, Problem, Sample } from './types.ts'

/** Photos that fall on one side together. */
interface Together {
  paths: string[]
  /** Photos, where IMG_1.jpg and IMG_1.heic count as one. */
  photos: number
  /** Uniform in [0, 1), by the seed. */
  hash: number
  name: string
}

/** One class's photos in the order of their hash. */
function ranked(paths: readonly string[], classId: string, seed: number): Together[] {
  const byStem = groupBy(paths, withoutExtension)
  const byName = groupBy(byStem.keys(), (stem) => recordingOf(stem, classId) ?? stem)
  return [...byName]
    .map(([name, stems]) => ({
      paths: stems.flatMap((stem) => byStem.get(stem) ?? []),
      photos: stems.length,
      hash: stream(seed, 'split', name.normalize())(),
      name,
    }))
    .sort((a, b) => a.hash - b.hash || byCodePoints(a.name, b.name))
}

/**
 * Which of one class's photos validate. Photos are ranked by hash(seed, relative path without extension), so
 * IMG_1.jpg and IMG_1.png rank as one and fall on one side; all frames of a recording share the rank of its
 * directory, since neighbouring frames are nearly the same photo. Low ranks validate.
 *
 * What validates is what hashes below `share` (a hash is uniform in [0, 1)): a photo's side then hangs on its own path
 * alone, and adding a photo moves no other. Only where chance leaves a class too far from its share (below half or
 * above one and a half of it, no photo to validate or none to train), those nearest to the cut change sides until it
 * is near enough; with photos outside recordings, an added one then moves one other at most.
 * @returns the paths that validate; none where all of the class's photos belong together.
 */
export function validationPaths(
  paths: readonly string[],
  seed: number,
  share: number,
  classId = '',
): Set<string> {
  const all = ranked(paths, classId, seed)
  if (all.length < 2) return new Set()
  const count = sum(all)
  const least = Math.min(count - 1, Math.max(1, Math.round(0.5 * share * count)))
  const most = Math.max(least, Math.min(count - 1, Math.round(1.5 * share * count)))
  const drawn = all.filter(({ hash }) => hash < share)
  const fewer = without(drawn, most, least)
  const valid = withMore(fewer, all, least, most, share * count)
  return new Set(valid.flatMap((together) => together.paths))
}

const sum = (some: readonly Together[]): number => some.reduce((total, { photos }) => total + photos, 0)

/** Takes out the highest ranks until at most `most` photos are left; rather one that leaves at least `least`. */
function without(drawn: readonly Together[], most: number, least: number): Together[] {
  const kept = [...drawn]
  while (sum(kept) > most) {
    const fitting = kept.findLastIndex(({ photos }) => sum(kept) - photos >= least)
    kept.splice(fitting === -1 ? kept.indexOf(largest(kept)) : fitting, 1)
  }
  return kept
}

/**
 * Adds the lowest other ranks until at least `least` photos are there. Where each would make it more than `most`, the
 * smallest is added if that comes nearer to `wished`, or if nothing would validate.
 */
function withMore(
  drawn: readonly Together[],
  all: readonly Together[],
  least: number,
  most: number,
  wished: number,
): Together[] {
  const valid = [...drawn]
  const others = all.filter((together) => !valid.includes(together))
  while (sum(valid) < least) {
    const count = sum(valid)
    const fitting = others.findIndex(({ photos }) => count + photos <= most)
    if (fitting !== -1) valid.push(...others.splice(fitting, 1))
    else {
      const smallest = others.toSorted((a, b) => a.photos - b.photos)[0]
      const nearer = Math.abs(count + smallest.photos - wished) < Math.abs(count - wished)
      if (others.length > 1 && (nearer || count === 0)) valid.push(smallest)
      break
    }
  }
  return valid
}

const largest = (some: readonly Together[]): Together =>
  some.reduce((found, next) => (next.photos > found.photos ? next : found))

/** Divides training photos anew into train and valid, class by class; test photos stay. */
export function splitSamples(
  samples: readonly Sample[],
  classes: readonly Pick<ClassInfo, 'id'>[],
  seed: number,
  share: number,
): Sample[] {
  const candidates = samples.filter((sample) => sample.split !== 'test')
  const byClass = groupBy(candidates, (sample) => sample.label)
  const valid = new Set<string>()
  for (const [label, members] of byClass) {
    const paths = members.map((sample) => sample.path)
    for (const path of validationPaths(paths, seed, share, classes[label].id)) valid.add(path)
  }
  return samples.map((sample) =>
    sample.split === 'test' ? sample : { ...sample, split: valid.has(sample.path) ? 'valid' : 'train' },
  )
}

const SPLIT_PROBLEMS: ReadonlySet<string> = new Set(['no-validation-photos', 'one-recording'])

/**
 * The dataset with its validation photos drawn by another seed or share; unchanged where the folder itself says which
 * photos validate.
 */
export function resplit(dataset: Dataset, seed: number, validationShare: number): Dataset {
  if (!dataset.splitBySeed) return dataset
  const samples = splitSamples(dataset.samples, dataset.classes, seed, validationShare)
  const problems = dataset.problems.filter(({ code }) => !SPLIT_PROBLEMS.has(code))
  return {
    ...dataset,
    samples,
    problems: [...problems, ...validationProblems({ ...dataset, samples })],
  }
}

/**
 * Classes of which nothing validates, because they are a single photo or a single recording; fatal where nothing
 * validates at all.
 */
export function validationProblems({ classes, samples }: Pick<Dataset, 'classes' | 'samples'>): Problem[] {
  const byClass = groupBy(
    samples.filter(({ split }) => split !== 'test'),
    ({ label }) => label,
  )
  const validated = new Set(samples.filter(({ split }) => split === 'valid').map(({ label }) => label))
  const single: string[] = []
  const recorded: string[] = []
  classes.forEach(({ id, name }, label) => {
    const members = byClass.get(label) ?? []
    const frames = members.filter(({ path }) => recordingOf(path, id) !== null)
    if (!validated.has(label)) (frames.length > 1 ? recorded : single).push(name)
  })
  const fatal = validated.size === 0
  return [
    ...(recorded.length > 0 ? [problem('one-recording', summary(recorded), fatal)] : []),
    ...(single.length > 0 ? [problem('no-validation-photos', summary(single), fatal)] : []),
  ]
}
