/**
 * `npm run finetune`: trains in a headless Chromium with the page's own workers. May import `src/headless/protocol`,
 * `recipe` and `weights`; reads the command line (arguments, inputs), then runs it (train).
 */
import { parseArguments, USAGE } from './arguments.ts'
import { BadInput } from './bad-input.ts'
import { checkInputs } from './inputs.ts'
import { STATUS } from './status.ts'

async function main(argv: readonly string[]): Promise<number> {
  const args = parseArguments(argv)
  if (args === 'help') {
    console.log(USAGE)
    return STATUS.completed
  }
  const inputs = await checkInputs(args)
  // Vite and Playwright are loaded only for input that is good.
  const { train } = await import('./train.ts')
  return STATUS[await train(inputs)]
}

// npm runs scripts in the project's folder; paths are meant from where the person is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const badInput = error instanceof BadInput
  const text = error instanceof Error ? error.message : String(error)
  console.error(badInput ? `finetune: ${text.replaceAll(/\s*\n\s*/g, ' ')}` : `failed: ${text}`)
  process.exitCode = badInput ? STATUS['bad-input'] : STATUS.failed
}
