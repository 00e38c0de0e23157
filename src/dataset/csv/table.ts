/** A CSV file as cells. */
export interface LabelTable {
  /** Relative to the dropped folder. */
  path: string
  rows: readonly TableRow[]
}

export interface TableRow {
  /** In the file, from 1. */
  line: number
  cells: readonly string[]
}
