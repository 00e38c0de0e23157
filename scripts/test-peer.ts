/**
 * `npm run test:peer`: tfjs-core's own tests of what training uses, on its wasm backend with our gradients installed.
 */
import { compareSuites, countSuites, failuresSchema } from '../tests/peer/compare-suites.ts'
import knownFailures from '../tests/peer/core-failures.json' with { type: 'json' }
import { runCoreSuite } from '../tests/peer/core-suite.ts'

async function coreSuite(): Promise<boolean> {
  const { stock, ours } = await runCoreSuite()
  const problems = compareSuites(stock, ours, failuresSchema.parse(knownFailures))
  const { tests, stockFailed, oursFailed, enabled } = countSuites(stock, ours)
  console.log(
    `tfjs-core's tests on wasm: ${tests}; with stock ${stockFailed} fail, with our gradients ${oursFailed}` +
      ` (listed with their reasons in tests/peer/core-failures.json); ${enabled} more pass`,
  )
  for (const problem of problems) console.error(problem)
  return problems.length === 0
}

const passed = await coreSuite()
process.exitCode = passed ? 0 : 1
