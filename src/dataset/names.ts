/** Class names from a JSON dictionary such as `cat_to_name.json`: {"1": "pink primrose"}. */
import { groupBy } from './group-by.ts'
import { problem, summary } from './problems.ts'
import type { ClassInfo, Dataset, NamesFile, Problem } from './types.ts'

type BadNames = 'syntax' | 'shape' | 'no-match'

/** The file's dictionary (folder name -> class name), or what is wrong with it for these classes. */
function parseNames(text: string, classIds: ReadonlySet<string>): Map<string, string> | BadNames {
  let json: unknown
  try {
    // A byte-order mark is common in files written on Windows.
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return 'syntax'
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'shape'
  const names = new Map<string, string>()
  // Read by hand: zod's records drop the key `__proto__`, which a folder may be called.
  for (const [id, name] of Object.entries(json)) {
    if (typeof name !== 'string') return 'shape'
    const key = id.normalize()
    if (classIds.has(key) && name.trim() !== '') names.set(key, name.trim())
  }
  return names.size === 0 ? 'no-match' : names
}

/**
 * The dataset with its classes named by a JSON dictionary that was found beside the photos or dropped later; a later
 * file replaces the names of an earlier one, classes that it leaves out keep theirs. A file that does not fit leaves
 * the classes as they are and becomes the problem `bad-names-file`.
 */
export function applyNames(dataset: Dataset, file: NamesFile): Dataset {
  const parsed = parseNames(file.text, new Set(dataset.classes.map(({ id }) => id)))
  const others = dataset.problems.filter(({ code }) => code !== 'bad-names-file')
  if (typeof parsed === 'string')
    return {
      ...dataset,
      problems: [...others, problem('bad-names-file', { path: file.path, reason: parsed })],
    }
  const renamed = dataset.classes.map(({ id, name }) => ({ id, name: parsed.get(id) ?? name }))
  const { classes, problems } = distinctNames(renamed)
  const kept = others.filter(({ code }) => code !== 'duplicate-class-name')
  return { ...dataset, classes, problems: [...kept, ...problems] }
}

/** The dataset with some classes named anew, by id; names that another class has are not given. */
export function withNames(dataset: Dataset, names: ReadonlyMap<string, string>): Dataset {
  return [...names].reduce((named, [id, name]) => renameClass(named, id, name) ?? named, dataset)
}

/**
 * The dataset with one class named anew; an empty name gives its folder's name back. Null where another class has that
 * name: two classes of one name could not be told apart.
 */
export function renameClass(dataset: Dataset, id: string, name: string): Dataset | null {
  const chosen = name.normalize().trim() || id
  if (dataset.classes.some((other) => other.id !== id && other.name === chosen)) return null
  const classes = dataset.classes.map((other) => (other.id === id ? { id, name: chosen } : other))
  return { ...dataset, classes, problems: dataset.problems.flatMap((found) => stillRepeated(found, classes)) }
}

/** The problem `duplicate-class-name` ends when at most one class carries its folder's name beside the repeated one. */
function stillRepeated(found: Problem, classes: readonly ClassInfo[]): Problem[] {
  if (found.code !== 'duplicate-class-name') return [found]
  const marked = classes.filter(({ id, name }) => name.endsWith(` (${id})`))
  return marked.length > 1 ? [found] : []
}

/** Of the JSON files beside the photos: `cat_to_name.json`, else the first that names at least one class. */
export function chooseNamesFile(
  files: readonly NamesFile[],
  classes: readonly ClassInfo[],
): NamesFile | undefined {
  const usual = files.find(({ path }) => /(^|\/)cat_to_name\.json$/i.test(path))
  if (usual) return usual
  const ids = new Set(classes.map(({ id }) => id))
  return files.find(({ text }) => typeof parseNames(text, ids) !== 'string')
}

/** Where two classes have one name, each gets its folder's name added, so that they can be told apart. */
function distinctNames(classes: readonly ClassInfo[]): { classes: ClassInfo[]; problems: Problem[] } {
  const byName = groupBy(classes, ({ name }) => name)
  const repeated = [...byName].filter(([, members]) => members.length > 1).map(([name]) => name)
  if (repeated.length === 0) return { classes: [...classes], problems: [] }
  return {
    classes: classes.map(({ id, name }) => ({
      id,
      name: repeated.includes(name) ? `${name} (${id})` : name,
    })),
    problems: [problem('duplicate-class-name', summary(repeated))],
  }
}
