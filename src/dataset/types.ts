/** A dropped folder as data. No decoding, no GPU, no React. */
import type { LabelTable } from './csv/table.ts'
import type { ZipEntrySource } from './zip/entry.ts'

export type Split = 'train' | 'valid' | 'test'

/**
 * Where a photo's bytes come from: plain data that survives structured cloning into a worker.
 * Open with `openPhoto` (./photo-source.ts).
 */
export type PhotoSource =
  | { kind: 'handle'; handle: FileSystemFileHandle }
  | { kind: 'file'; file: File }
  /** Served beside the page. */
  | { kind: 'url'; url: string }
  /** Within a zip, unpacked when it is opened. */
  | ZipEntrySource

/** One file of a dropped folder. `path` is relative to that folder, with `/` between its parts. */
export interface FolderEntry {
  path: string
  source: PhotoSource
}

/** The text of a JSON file that may name the classes, e.g. `cat_to_name.json`. */
export interface NamesFile {
  path: string
  text: string
}

/** What a drop, a picker or a file input holds: the input of `readDataset`. */
export interface GatheredFolder {
  /** The dropped folder's name. */
  name: string
  /** Every file, in any order. */
  entries: FolderEntry[]
  /** Paths of all directories that were visited: empty ones too, where the browser shows them. */
  directories: string[]
  namesFiles: NamesFile[]
  /** Tables that may say which photo belongs to which class. */
  tables?: LabelTable[]
  /** Directories that could not be read, and what a zip holds that is left out. */
  problems: Problem[]
  /** Files and directories that were passed over unread. */
  ignored: number
  /** What was dropped or picked, where the browser gives handles: they can be kept for the next visit. */
  handles?: readonly FileSystemHandle[]
}

/** One labelled photo. `path` is relative to the dropped folder with `/` between parts, and unique. */
export interface Sample {
  path: string
  split: Split
  /** Index into `Dataset.classes`. */
  label: number
  source: PhotoSource
}

export interface ClassInfo {
  /** The folder's name (in Unicode's composed form, NFC). */
  id: string
  /** From `cat_to_name.json`, else the folder's name. */
  name: string
}

/**
 * What can be wrong, and the values that go with it. `names` is a list of at most five, `count` how many in all.
 * - `empty`: nothing was dropped, or the folder holds no file
 * - `no-images`: files, but no photo among them
 * - `loose-photos` {count, example}: photos outside the class folders; fatal where there are no class folders
 * - `one-class` {class}
 * - `too-many-classes` {count}
 * - `no-training-photos`: validation or test folders only
 * - `no-validation-photos` {count, names}: classes of a single photo, which trains
 * - `one-recording` {count, names}: classes of a single recording, which trains: its frames stay together
 * - `empty-class` {count, names}: class folders without a photo; left out
 * - `duplicate-class-name` {count, names}: two folders with one name; the folder's name is added to it
 * - `class-missing-in-train` {count, names, photos}: their validation and test photos are left out
 * - `class-missing-in-valid` {count, names}
 * - `leaked-photos` {count, example, other}: validation photos with the very bytes of a training photo
 * - `unreadable-photo` {path, reason}
 * - `bad-names-file` {path, reason: 'syntax' | 'shape' | 'no-match'}
 * - `unsupported-format` {count, formats}: e.g. `JPEG XL 12, SVG 3`
 * - `archive-inside` {count, names}: zip and other archives within a folder; not opened
 * - `zip-broken` {name, reason}: no zip, or a damaged one; fatal where no photo could be listed
 * - `zip-too-many` {name, most}: more files than are listed
 * - `zip-encrypted` {count, names}, `zip-method` {count, names} (packed in a way that browsers cannot unpack),
 *   `zip-too-large` {count, names, megabytes}, `zip-unsafe-path` {count, names}: files that are left out; fatal where
 *   no photo is left
 * - `csv-used` {path, count}: the classes come from this table; `count` photos
 * - `csv-unrecognized` {path}: a table without a column of files and one of labels, where nothing else gives classes
 * - `csv-bad-rows` {path, count, names}: rows (their line numbers) without a file or a label; left out
 * - `csv-missing-files` {path, count, names}: named in the table, but not in the folder
 * - `csv-unknown-split` {path, count, names}: values of the split column; their rows are left out
 * - `csv-repeated` {path, count, names}: photos with several labels or splits; the first row counts
 * - `csv-unlisted` {path, count, names}: photos that stand in no table; left out
 * - `permission-denied` {path}
 * - `folder-vanished` {path}: moved or deleted while it was read
 */
export type ProblemCode =
  | 'empty'
  | 'no-images'
  | 'loose-photos'
  | 'one-class'
  | 'too-many-classes'
  | 'no-training-photos'
  | 'no-validation-photos'
  | 'one-recording'
  | 'empty-class'
  | 'duplicate-class-name'
  | 'class-missing-in-train'
  | 'class-missing-in-valid'
  | 'leaked-photos'
  | 'unreadable-photo'
  | 'bad-names-file'
  | 'unsupported-format'
  | 'archive-inside'
  | 'zip-broken'
  | 'zip-too-many'
  | 'zip-encrypted'
  | 'zip-method'
  | 'zip-too-large'
  | 'zip-unsafe-path'
  | 'csv-used'
  | 'csv-unrecognized'
  | 'csv-bad-rows'
  | 'csv-missing-files'
  | 'csv-unknown-split'
  | 'csv-repeated'
  | 'csv-unlisted'
  | 'permission-denied'
  | 'folder-vanished'

/** Something wrong with a folder; `fatal` ones keep a run from starting. Its words are the page's (i18next). */
export interface Problem {
  code: ProblemCode
  fatal: boolean
  /** Values for the message: a path, a class name, a count. */
  values: Record<string, string | number>
}

/** Immutable. Samples are sorted by class, then by path (code points). */
export interface Dataset {
  /** The dropped folder's name. */
  name: string
  classes: readonly ClassInfo[]
  samples: readonly Sample[]
  problems: readonly Problem[]
  /** Hidden and stray files that were passed over. */
  ignored: number
  /** Whether validation photos were split off train by seed. */
  splitBySeed: boolean
}
