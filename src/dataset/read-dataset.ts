/** From a list of files to classes, samples, splits and problems. Pure: touches no file. */
import { byCodePoints } from './code-points.ts'
import { labelByTables, type TableLabels } from './csv/label-photos.ts'
import { isArchive, isHidden, isPhoto, unsupportedFormat } from './formats.ts'
import { type FileParts, findLayout, type Layout, splitOf } from './layout.ts'
import { applyNames, chooseNamesFile } from './names.ts'
import { problem, summary } from './problems.ts'
import { splitSamples, validationProblems } from './split.ts'
import type { ClassInfo, Dataset, FolderEntry, GatheredFolder, Problem, Sample, Split } from './types.ts'

export interface ReadOptions {
  /** The recipe's seed; used where train is split. */
  seed: number
  /** Share of each class that validates where the folder has no validation photos, in (0, 1). */
  validationShare: number
}

const MOST_CLASSES = 10_000

/**
 * Reads `train/` + `valid/` or `val/` (+ `test/`) of class folders, class folders alone, or photos with a table of
 * `file,label`. Wrapping folders are entered; folders inside a class belong to it; train is split where nothing
 * validates. Never throws: what is wrong stands in `problems`.
 */
export function readDataset(folder: GatheredFolder, options: ReadOptions): Dataset {
  const sorted = sortFiles(folder.entries)
  const layout = findLayout(sorted.photos)
  const byFolders = labelPhotos(sorted.photos, layout)
  // Folders of splits and classes say all that there is to say; a table counts where they do not.
  const tables = folder.tables ?? []
  const byTables = layout.splits ? null : labelByTables(tables, sorted.photos)
  const { labelled, loose } = byTables ? { ...byTables, loose: [] } : byFolders
  const trained = labelled.filter(({ split }) => split === 'train')
  const ids = [...new Set(trained.map(({ classId }) => classId))].sort(byCodePoints)
  const labels = new Map(ids.map((id, label) => [id, label]))
  const known = labelled.filter(({ classId }) => labels.has(classId))
  const foldered = known
    .map(({ classId, entry: { path, source }, split }): Sample => {
      return { path, split, label: labels.get(classId)!, source }
    })
    .sort((a, b) => a.label - b.label || byCodePoints(a.path, b.path))
  const splitBySeed = !foldered.some(({ split }) => split === 'valid')
  const classes = ids.map((id): ClassInfo => ({ id, name: id }))
  const samples = splitBySeed
    ? splitSamples(foldered, classes, options.seed, options.validationShare)
    : foldered
  const problems = [
    ...folder.problems,
    ...contentProblems(folder, sorted, ids, loose, labelled.length > 0),
    ...(byTables
      ? [...tableNote(byTables, byFolders.labelled), ...byTables.problems]
      : emptyClasses(folder.directories, layout, new Set(ids))),
    ...(!byTables && ids.length < 2 && tables.length > 0
      ? [problem('csv-unrecognized', { path: tables[0].path })]
      : []),
    ...(splitBySeed ? validationProblems({ classes, samples }) : missingInValid(ids, samples)),
    ...missingInTrain(labelled.filter(({ classId }) => !labels.has(classId)).map(({ classId }) => classId)),
  ]
  const namesFile = chooseNamesFile(folder.namesFiles, classes)
  const ignored = folder.ignored + sorted.ignored - (namesFile ? 1 : 0)
  const dataset = { name: folder.name, classes, samples, problems, ignored, splitBySeed }
  return namesFile && classes.length > 0 ? applyNames(dataset, namesFile) : dataset
}

interface SortedFiles {
  photos: FileParts[]
  /** Format's name -> count. */
  unsupported: Map<string, number>
  archives: string[]
  ignored: number
}

/** Photos, pictures that browsers do not decode, and everything else, which is counted. */
function sortFiles(entries: readonly FolderEntry[]): SortedFiles {
  const photos: FileParts[] = []
  const unsupported = new Map<string, number>()
  const archives: string[] = []
  const seen = new Set<string>()
  let ignored = 0
  for (const entry of entries) {
    const parts = entry.path.split('/')
    if (parts.some(isHidden) || seen.has(entry.path)) ignored++
    else if (isPhoto(entry.path)) photos.push({ entry, parts })
    else if (isArchive(entry.path)) archives.push(entry.path)
    else {
      const format = unsupportedFormat(entry.path)
      if (format) unsupported.set(format, (unsupported.get(format) ?? 0) + 1)
      else ignored++
    }
    seen.add(entry.path)
  }
  return { photos, unsupported, archives, ignored }
}

interface LabelledPhoto {
  entry: FolderEntry
  classId: string
  split: Split
}

function labelPhotos(photos: readonly FileParts[], { depth, splits }: Layout) {
  const labelled: LabelledPhoto[] = []
  const loose: string[] = []
  for (const { entry, parts } of photos) {
    const classDepth = splits ? depth + 1 : depth
    const inClass = parts.length >= classDepth + 2
    const split = inClass && splits ? splitOf(parts[depth]) : 'train'
    if (!inClass || split === undefined) loose.push(entry.path)
    // macOS writes names decomposed, others composed: `café` is one class either way.
    else labelled.push({ entry, classId: parts[classDepth].normalize(), split })
  }
  return { labelled, loose }
}

/** Said where folders would have given other classes. */
function tableNote({ tables, labelled }: TableLabels, byFolders: readonly LabelledPhoto[]): Problem[] {
  const folders = new Set(byFolders.map(({ classId }) => classId))
  if (folders.size < 2 || labelled.every(({ classId }) => folders.has(classId))) return []
  return [problem('csv-used', { path: tables.join(', '), count: labelled.length })]
}

function contentProblems(
  folder: GatheredFolder,
  { photos, unsupported, archives }: SortedFiles,
  ids: readonly string[],
  loose: readonly string[],
  anyLabelled: boolean,
): Problem[] {
  const problems: Problem[] = []
  // A zip that gives no photo says why itself.
  const said = folder.problems.some(({ fatal }) => fatal)
  if (photos.length === 0 && said) return problems
  if (folder.entries.length === 0) problems.push(problem('empty', { name: folder.name }, true))
  else if (photos.length === 0) problems.push(problem('no-images', { count: folder.entries.length }, true))
  else if (ids.length === 0 && anyLabelled) problems.push(problem('no-training-photos', {}, true))
  else if (ids.length === 1) problems.push(problem('one-class', { class: ids[0] }, true))
  else if (ids.length > MOST_CLASSES) problems.push(problem('too-many-classes', { count: ids.length }, true))
  if (loose.length > 0) {
    const example = loose.toSorted(byCodePoints)[0]
    problems.push(problem('loose-photos', { count: loose.length, example }, ids.length === 0))
  }
  if (archives.length > 0) problems.push(problem('archive-inside', summary(archives.toSorted(byCodePoints))))
  if (unsupported.size > 0) {
    const formats = [...unsupported].sort((a, b) => b[1] - a[1] || byCodePoints(a[0], b[0]))
    const count = formats.reduce((sum, [, n]) => sum + n, 0)
    problems.push(
      problem('unsupported-format', {
        count,
        formats: formats.map(([name, n]) => `${name} ${n}`).join(', '),
      }),
    )
  }
  return problems
}

/** Class folders (below train, where there are splits) in which no photo lies at any depth. */
function emptyClasses(directories: readonly string[], { depth, splits }: Layout, ids: ReadonlySet<string>) {
  const empty = new Set<string>()
  for (const directory of directories) {
    const parts = directory.split('/')
    const isClass = splits
      ? parts.length === depth + 2 && splitOf(parts[depth]) === 'train'
      : parts.length === depth + 1
    const id = parts.at(-1)!.normalize()
    if (isClass && !parts.some(isHidden) && !ids.has(id)) empty.add(id)
  }
  return empty.size > 0 && ids.size > 0
    ? [problem('empty-class', summary([...empty].sort(byCodePoints)))]
    : []
}

function missingInValid(ids: readonly string[], samples: readonly Sample[]): Problem[] {
  const validated = new Set(samples.filter(({ split }) => split === 'valid').map(({ label }) => label))
  const missing = ids.filter((_, label) => !validated.has(label))
  return missing.length > 0 ? [problem('class-missing-in-valid', summary(missing))] : []
}

function missingInTrain(classIds: readonly string[]): Problem[] {
  const missing = [...new Set(classIds)].sort(byCodePoints)
  return missing.length > 0
    ? [problem('class-missing-in-train', { ...summary(missing), photos: classIds.length })]
    : []
}
