import { parseArgs } from 'node:util'

export const USAGE = `npm run bench -- [--out FILE] [--python PATH] [--only PARTS]

  --out FILE      writes {"machine", "adapter", "rows"} as JSON
  --python PATH   a Python with torch and torchvision (default: the system's)
  --only PARTS    of conv (single convolutions) and plan, wasm, stock, pytorch (the training step), with commas
                  between; by default all of them. A row needs one of ours and one of its peers`

export const PARTS = ['conv', 'plan', 'wasm', 'stock', 'pytorch'] as const
export type Part = (typeof PARTS)[number]

export interface Arguments {
  out?: string
  python?: string
  parts: ReadonlySet<Part>
}

/** @throws where an argument is not known, with a line for the person. */
export function readArguments(): Arguments {
  const options = { out: { type: 'string' }, python: { type: 'string' }, only: { type: 'string' } } as const
  const { out, python, only } = parseArgs({ options }).values
  const named = only?.split(',') ?? [...PARTS]
  const unknown = named.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${PARTS.join(', ')}`)
  return { out, python, parts: new Set(PARTS.filter((part) => named.includes(part))) }
}
