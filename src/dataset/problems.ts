import type { Problem, ProblemCode } from './types.ts'

export function problem(code: ProblemCode, values: Problem['values'] = {}, fatal = false): Problem {
  return { code, fatal, values }
}

const NAMED = 5

/** Values for a message about several things: how many, and the first few by name. */
export function summary(names: readonly string[]): { count: number; names: string } {
  const shown = names.slice(0, NAMED).join(', ')
  return { count: names.length, names: names.length > NAMED ? `${shown}, …` : shown }
}
