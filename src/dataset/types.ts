/** A dropped folder as data. No decoding, no GPU, no React. */

export type Split = 'train' | 'valid' | 'test'

/**
 * Where a photo's bytes come from: plain data that survives structured cloning into a worker.
 * Open with `openPhoto` (./photo-source.ts).
 */
export type PhotoSource =
  | { kind: 'handle'; handle: FileSystemFileHandle }
  | { kind: 'file'; file: File }
  /** Served beside the page (sample photos). */
  | { kind: 'url'; url: string }

/** One labelled photo. `path` is relative to the dropped folder with `/` between parts, and unique. */
export interface Sample {
  path: string
  split: Split
  /** Index into `Dataset.classes`. */
  label: number
  source: PhotoSource
}

export interface ClassInfo {
  /** The folder's name. */
  id: string
  /** From `cat_to_name.json`, else the folder's name. */
  name: string
}

export type ProblemCode =
  | 'empty'
  | 'no-images'
  | 'one-class'
  | 'no-validation-photos'
  | 'duplicate-class-name'
  | 'class-missing-in-train'
  | 'class-missing-in-valid'
  | 'loose-photos'
  | 'unreadable-photo'
  | 'bad-names-file'
  | 'unsupported-format'
  | 'permission-denied'

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
