/** What can be wrong with a folder, as one English sentence a problem. (The page has its own words, translated.) */
import type { Problem, ProblemCode } from '../dataset/index.ts'

const SENTENCES: Record<ProblemCode, string> = {
  empty: 'the folder is empty',
  'no-images': 'no photo among {count} files (JPEG, PNG, WebP, AVIF, GIF, BMP, HEIC and TIFF are read)',
  'loose-photos': '{count} photos lie outside the class folders and are left out (for example {example})',
  'one-class': 'only one class ({class}): at least two class folders are needed',
  'too-many-classes': '{count} classes: at most 10,000 are possible',
  'no-training-photos': 'there are validation or test photos, but none to train on (no train/ folder)',
  'no-validation-photos': '{count} classes have a single photo, which trains, so none validates: {names}',
  'one-recording': '{count} classes have a single recording, which trains, so none validates: {names}',
  'empty-class': '{count} class folders hold no photo and are left out: {names}',
  'duplicate-class-name': 'two folders have one name; the folder was added to it: {names}',
  'class-missing-in-train':
    '{count} classes have no training photo; their {photos} photos are left out: {names}',
  'class-missing-in-valid': '{count} classes have no validation photo: {names}',
  'leaked-photos': '{count} validation photos are training photos too (for example {example} is {other})',
  'unreadable-photo': '{path} cannot be read: {reason}',
  'bad-names-file': '{path} does not name these classes ({reason})',
  'unsupported-format': '{count} pictures are in a format that is not read: {formats}',
  'archive-inside': '{count} archives lie in the folder and are not opened: {names}',
  'zip-broken': '{name} cannot be read as a zip ({reason})',
  'zip-too-many': '{name} lists more than {most} files; the others are left out',
  'zip-encrypted': '{count} files in the zip are locked with a password and left out: {names}',
  'zip-method':
    '{count} files in the zip are packed in a way that cannot be unpacked and are left out: {names}',
  'zip-too-large': '{count} files in the zip would fill the memory when unpacked and are left out: {names}',
  'zip-unsafe-path': '{count} files in the zip have paths that lead out of it and are left out: {names}',
  'csv-used': 'the classes of {count} photos come from {path}, not from the folders',
  'csv-unrecognized': '{path} has no column of files and one of labels (first row: file,label)',
  'csv-bad-rows': '{count} rows of {path} have no file or no label and are left out: {names}',
  'csv-missing-files': '{count} photos named in {path} are not in the folder: {names}',
  'csv-unknown-split':
    '{count} rows of {path} belong to no split (train, valid, test) and are left out: {names}',
  'csv-repeated':
    '{count} photos stand in {path} with several labels or splits; the first row counts: {names}',
  'csv-unlisted': '{count} photos do not stand in {path} and are left out: {names}',
  'permission-denied': '{path} may not be read',
  'folder-vanished': '{path} vanished while it was read',
}

export function problemText({ code, values }: Problem): string {
  return SENTENCES[code].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''))
}
