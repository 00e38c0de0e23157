/** What is measured, as lines and as a file. */

export interface Figure {
  what: string
  value: number
  unit: 'kB' | 'ms' | ''
  /** The value must stay under it. */
  bar?: number
}

const shown = (value: number, unit: Figure['unit']): string =>
  `${value < 10 && unit !== '' ? value.toFixed(1) : Math.round(value)}${unit && ` ${unit}`}`

/** One line, e.g. `ok    longest main-thread task while training: 31 ms (under 50 ms)`. */
export function line({ what, value, unit, bar }: Figure): string {
  const mark = bar === undefined ? '' : value < bar ? 'ok' : 'MISSED'
  return `${mark.padEnd(6)} ${what}: ${shown(value, unit)}${bar === undefined ? '' : ` (under ${shown(bar, unit)})`}`
}
