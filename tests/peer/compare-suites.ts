/** What the two runs of tfjs-core's tests say together with the list of known failures (`core-failures.json`). */
import { z } from 'zod'
import type { SuiteResults } from './core-suite.ts'

export const failuresSchema = z.array(z.object({ reason: z.string().min(1), tests: z.array(z.string()) }))
export type KnownFailures = z.infer<typeof failuresSchema>

/** One line for each thing that is wrong; none where all is as listed. */
export function compareSuites(stock: SuiteResults, ours: SuiteResults, known: KnownFailures): string[] {
  const listed = new Set(known.flatMap(({ tests }) => tests))
  const problems: string[] = []
  for (const [name, failure] of ours) {
    if (failure === null && listed.has(name)) problems.push(`passes, but is listed as failing: ${name}`)
    else if (failure !== null && stock.get(name) === null)
      problems.push(`passes on stock, fails with ours: ${name}: ${failure}`)
    else if (failure !== null && !listed.has(name))
      problems.push(`fails and is not listed: ${name}: ${failure}`)
  }
  for (const name of stock.keys()) if (!ours.has(name)) problems.push(`did not run with ours: ${name}`)
  for (const name of listed) if (!ours.has(name)) problems.push(`listed, but there is no such test: ${name}`)
  return problems
}

/** How many pass and fail, and how many fail on stock and pass with ours. */
export function countSuites(stock: SuiteResults, ours: SuiteResults) {
  const failed = (results: SuiteResults) => [...results].filter(([, failure]) => failure !== null)
  const enabled = failed(stock).filter(([name]) => ours.get(name) === null).length
  return { tests: ours.size, stockFailed: failed(stock).length, oursFailed: failed(ours).length, enabled }
}
