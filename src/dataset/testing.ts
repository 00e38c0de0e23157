/** Folders for tests, made of paths alone. */
import type { GatheredFolder } from './types.ts'

/** A folder with empty files at these paths. */
export function folderOf(paths: readonly string[], more: Partial<GatheredFolder> = {}): GatheredFolder {
  const directories = new Set<string>()
  for (const path of paths)
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1))
      directories.add(path.slice(0, end))
  return {
    name: 'photos',
    entries: paths.map((path) => ({ path, source: { kind: 'url', url: path } })),
    directories: [...directories],
    namesFiles: [],
    problems: [],
    ignored: 0,
    ...more,
  }
}

/** `count` JPEG paths in a directory: `directory/0.jpg`, `directory/1.jpg`, ... */
export const jpegs = (directory: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${directory}/${i}.jpg`)
