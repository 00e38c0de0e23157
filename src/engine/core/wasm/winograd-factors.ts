/** What both of Winograd's algorithms do with their factors: a matrix, or packed panels of one, for each of the planes. */
import { evenParts } from '../../batches.ts'
import { PANEL } from './convolution-method.ts'
import type { Heap } from './heap.ts'

const FLOAT = 4
/** Floats after each plane of a factor: see `GAP` in assembly/winograd.ts. */
export const GAP = 16
/**
 * Floats of a filter's factor, or of its gradient's, that are made, multiplied and gone before the next ones: they never
 * leave the cache.
 */
const BLOCK = 2 ** 17

/**
 * Some of a filter's channels at a time: whole panels, whose factor stays in the cache. Each block reads the other factor
 * anew, so a block has no fewer channels than that one rows.
 *
 * @param floats of the filter's factor, a channel
 */
export function blocksOf(channels: number, floats: number, rows: number): { first: number; width: number }[] {
  const width = Math.max(PANEL, BLOCK / floats, rows)
  return evenParts(channels / PANEL, Math.floor(width / PANEL)).map(({ from, to }) => ({
    first: from * PANEL,
    width: (to - from) * PANEL,
  }))
}

export const widestOf = (blocks: readonly { width: number }[]) =>
  Math.max(...blocks.map(({ width }) => width))

/** Where a factor lies, and the floats of a plane, between rows and between columns. */
interface Factors {
  a: readonly [address: number, plane: number, row: number, step: number]
  b: readonly [address: number, plane: number]
  c: readonly [address: number, plane: number, row: number]
  adds?: boolean
}

/** c = a b, or c += a b, for each plane: [m, n] = [m, k] [k, n]; b in panels. */
export function multiply(
  { kernels }: Heap,
  planes: number,
  [m, n, k]: readonly [m: number, n: number, k: number],
  { a, b, c, adds = false }: Factors,
): void {
  const bytes = (plane: number) => (plane + GAP) * FLOAT
  kernels.gemmPlanes(
    ...[planes, m, n, k],
    ...[a[0], bytes(a[1]), a[2] * FLOAT, a[3] * FLOAT],
    ...[b[0], bytes(b[1])],
    ...[c[0], bytes(c[1]), c[2] * FLOAT],
    Number(adds),
  )
}
