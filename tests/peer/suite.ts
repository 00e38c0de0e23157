/**
 * Runs the training parts of tfjs-core's own test suite on the wasm backend, bundled for Node by `core-suite.ts`:
 * `suite.cjs WASM_FOLDER stock|ours RESULTS_FILE`. Writes [{"name", "failure"}]; `failure` is null where it passed.
 */
import { jasmineEnv } from './suite-environment.ts'
import './training-suites.ts'
import { writeFileSync } from 'node:fs'

const results: { name: string; failure: string | null }[] = []
jasmineEnv.configure({ random: false })
jasmineEnv.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    const message = failedExpectations.map((failed) => failed.message).join('; ')
    results.push({ name: fullName, failure: status === 'passed' ? null : message || status })
  },
})
jasmineEnv.execute().then(() => writeFileSync(process.argv[4], JSON.stringify(results)))
