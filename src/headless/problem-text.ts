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
  'large-recordings':
    '{count} classes have so few recordings that more validates than was asked for: {names}',
  'empty-class': '{count} class folders hold no photo and are left out: {names}',
  'duplicate-class-name': 'two folders have one name; the folder was added to it: {names}',
  'class-missing-in-train':
    '{count} classes have no training photo; their {photos} photos are left out: {names}',
  'class-missing-in-valid': '{count} classes have no validation photo: {names}',
  'leaked-photos': '{count} validation photos are training photos too (for example {example} is {other})',
  'unreadable-photo': '{path} cannot be read: {reason}',
  'bad-names-file': '{path} does not name these classes ({reason})',
  'unsupported-format': '{count} pictures are in a format that is not read: {formats}',
  'permission-denied': '{path} may not be read',
  'folder-vanished': '{path} vanished while it was read',
}

export function problemText({ code, values }: Problem): string {
  return SENTENCES[code].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''))
}
