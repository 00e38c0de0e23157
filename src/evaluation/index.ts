/**
 * What is measured of a classifier: the criterion, top-1, means over samples; who is taken for whom, and which
 * samples are hardest; tables of both as CSV. May import `model` and `random`; knows no engine, no page, no worker.
 */
export * from './confusion.ts'
export { type CsvField, csvRow, csvText } from './csv.ts'
export * from './metrics.ts'
export * from './top-losses.ts'
