/** The photo that a table's cell means. */
import { withoutExtension } from '../formats.ts'
import { groupBy } from '../group-by.ts'

export type FindPhoto = (cell: string) => string | undefined

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/**
 * Looks photos up for tables of one folder: `finder(table)(cell)` is the path that the cell means, counted from the
 * table, else from the dropped folder, else the only photo whose path ends so, else the only one of that name, with
 * or without its extension.
 */
export function photoFinder(paths: readonly string[]): (tablePath: string) => FindPhoto {
  const exact = new Map(paths.map((path) => [path.normalize(), path]))
  const byName = groupBy(paths, (path) => baseName(path).normalize())
  const byStem = groupBy(paths, (path) => withoutExtension(baseName(path)).normalize())
  return (tablePath) => {
    const folder = tablePath.split('/').slice(0, -1)
    return (cell) => {
      const written = cell.normalize().replaceAll('\\', '/')
      if (written === '') return undefined
      const fromTable = resolve([...folder, ...written.split('/')])
      const fromTop = resolve(written.split('/'))
      const found = exact.get(fromTable) ?? exact.get(fromTop)
      if (found !== undefined) return found
      const name = baseName(fromTop)
      const candidates = byName.get(name) ?? byStem.get(name) ?? []
      const ending = candidates.filter((path) =>
        withoutExtension(path).endsWith(withoutExtension(`/${fromTop}`)),
      )
      if (ending.length === 1) return ending[0]
      return candidates.length === 1 ? candidates[0] : undefined
    }
  }
}

/** A path without `.`, `..` and empty parts. */
function resolve(parts: readonly string[]): string {
  const whole: string[] = []
  for (const part of parts) {
    if (part === '..') whole.pop()
    else if (part !== '.' && part !== '') whole.push(part)
  }
  return whole.join('/')
}
