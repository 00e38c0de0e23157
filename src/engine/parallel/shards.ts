/** Which engine updates which parameter, where several train together. */
import { elements, parameterEntries } from '../../model/index.ts'

/**
 * Names by engine, near to equal in size: the largest first, each to the engine that has the least. It depends on
 * nothing that changes in a run, so optimizer state never moves. Engine 0 has `fc`, which it may train alone.
 */
export function shards(classes: number, engines: number): string[][] {
  const names: string[][] = Array.from({ length: engines }, () => [])
  const sizes = new Array<number>(engines).fill(0)
  const entries = parameterEntries(classes).map((entry) => ({ ...entry, size: elements(entry.shape) }))
  const isHead = ({ stage }: (typeof entries)[number]) => stage === 'fc'
  for (const { name, size } of entries.filter(isHead)) {
    names[0].push(name)
    sizes[0] += size
  }
  for (const { name, size } of entries.filter((entry) => !isHead(entry)).sort((a, b) => b.size - a.size)) {
    const least = sizes.indexOf(Math.min(...sizes))
    names[least].push(name)
    sizes[least] += size
  }
  return names
}
