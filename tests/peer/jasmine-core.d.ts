/** As much of jasmine 4.6 as running a suite in one bundle takes. */
declare module 'jasmine-core/lib/jasmine-core/jasmine.js' {
  interface SpecResult {
    fullName: string
    status: 'passed' | 'failed' | 'pending' | 'excluded'
    failedExpectations: readonly { message: string }[]
  }
  interface Env {
    configure(options: { random: boolean }): void
    addReporter(reporter: { specDone(result: SpecResult): void }): void
    execute(): Promise<unknown>
  }
  interface Jasmine {
    DEFAULT_TIMEOUT_INTERVAL: number
    getEnv(): Env
  }
  interface Require {
    core(from: Require): Jasmine
    interface(jasmine: Jasmine, env: Env): Record<string, unknown>
  }
  const jasmineRequire: Require
  export default jasmineRequire
}
