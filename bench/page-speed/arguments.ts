import { parseArgs } from 'node:util'

export const USAGE = `npm run bench:page -- [--out FILE] [--only PARTS] [--page ADDRESS]

  --out FILE      writes {"machine", "browser", "figures"} as JSON
  --only PARTS    of sizes, training, first and many, with commas between; by default all of them
  --page ADDRESS  measures a page that is served already, e.g. http://localhost:4317/; by default dist/ is built`

export const PARTS = ['sizes', 'training', 'first', 'many'] as const
export type Part = (typeof PARTS)[number]

export interface Arguments {
  out?: string
  page?: string
  parts: ReadonlySet<Part>
}

/** @throws where an argument is not known, with a line for the person. */
export function readArguments(): Arguments {
  const options = { out: { type: 'string' }, only: { type: 'string' }, page: { type: 'string' } } as const
  const { out, only, page } = parseArgs({ options }).values
  const named = only?.split(',') ?? [...PARTS]
  const unknown = named.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${PARTS.join(', ')}`)
  return { out, page, parts: new Set(PARTS.filter((part) => named.includes(part))) }
}
