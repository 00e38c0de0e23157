/** How the rows of a forward pass and of an input gradient find their taps, and the source at each of them, in WGSL. */

export type Direction = 'forward' | 'input-gradient'

export interface Geometry {
  kernel: number
  stride: number
  padding: number
}

/** How pixels of the target find their source, in WGSL. */
export interface Walk {
  /** Statements: the target's pixels that this workgroup's z has (`width`, `height`), and their taps (`taps_x`, `taps_y`). */
  phase: string
  /** Where on an axis a pixel finds its first tap, and how far from there another is. */
  base(axis: 'x' | 'y', pixel: string): string
  source(base: string, tap: string): string
  /** Of the taps of an axis, the first that finds a source from any base in `low`..`high` (i32), and the one behind the last. */
  range(axis: 'x' | 'y', low: string, high: string): { first: string; end: string }
  /** Index of a tap in the filter. */
  tap(y: string, x: string): string
  /** Index of a pixel in the target. */
  target(image: string, y: string, x: string): string
}

const forwardWalk = ({ kernel, stride, padding }: Geometry): Walk => ({
  phase: `
  let split = group.z;
  let width = u.side;
  let height = u.side;
  let taps_x = ${kernel}u;
  let taps_y = ${kernel}u;`,
  base: (_axis, pixel) => `${pixel} * ${stride}u - ${padding}u`,
  source: (base, tap) => `(${base} + ${tap})`,
  range: (_axis, low, high) => ({
    first: `max(0, -${high})`,
    end: `clamp(i32(u.source_side) - ${low}, 0, ${kernel})`,
  }),
  tap: (y, x) => `(${y} * ${kernel}u + ${x})`,
  target: (image, y, x) => `((${image} * u.side + ${y}) * u.side + ${x})`,
})

/** A phase is what pixels of dx have in common that lie at the same remainders by the stride: which taps reach them. */
const inputGradientWalk = ({ kernel, stride, padding }: Geometry): Walk => ({
  phase: `
  let split = group.z % u.splits;
  let phase_x = group.z / u.splits % ${stride}u;
  let phase_y = group.z / u.splits / ${stride}u;
  let width = (u.side - phase_x + ${stride - 1}u) / ${stride}u;
  let height = (u.side - phase_y + ${stride - 1}u) / ${stride}u;
  let tap_x = (phase_x + ${padding}u) % ${stride}u;
  let tap_y = (phase_y + ${padding}u) % ${stride}u;
  let taps_x = (max(${kernel}u, tap_x) - tap_x + ${stride - 1}u) / ${stride}u;
  let taps_y = (max(${kernel}u, tap_y) - tap_y + ${stride - 1}u) / ${stride}u;`,
  base: (axis, pixel) => `${pixel} + (phase_${axis} + ${padding}u - tap_${axis}) / ${stride}u`,
  source: (base, tap) => `(${base} - ${tap})`,
  range: (axis, low, high) => ({
    first: `max(0, ${low} - i32(u.source_side) + 1)`,
    end: `clamp(${high} + 1, 0, i32(taps_${axis}))`,
  }),
  tap: (y, x) => `((tap_y + ${y} * ${stride}u) * ${kernel}u + tap_x + ${x} * ${stride}u)`,
  target: (image, y, x) =>
    `((${image} * u.side + ${y} * ${stride}u + phase_y) * u.side + ${x} * ${stride}u + phase_x)`,
})

export const walks: Record<Direction, (geometry: Geometry) => Walk> = {
  forward: forwardWalk,
  'input-gradient': inputGradientWalk,
}

/** WGSL: the taps of an axis that find a source for some row of the tile: `first_<axis>`, `end_<axis>`. */
export function reachedTaps(walk: Walk, axis: 'x' | 'y'): string {
  const base = (pixel: string) => `i32(${walk.base(axis, pixel)})`
  const { first, end } = walk.range(axis, `low_${axis}`, `high_${axis}`)
  return `
  let low_${axis} = ${base(`lowest_${axis}`)};
  let high_${axis} = ${base(`highest_${axis}`)};
  let first_${axis} = u32(${first});
  let end_${axis} = max(first_${axis}, u32(${end}));`
}
