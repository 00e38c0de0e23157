/** The command line as a function: reads the arguments, checks all that they name, then trains. */
import { parseArguments, USAGE } from './arguments.ts'
import { BadInput } from './bad-input.ts'
import { checkInputs } from './inputs.ts'
import { STATUS } from './status.ts'

/** Exit status of a command line; help goes to `say.log`, what is wrong to `say.error` as one line. */
export async function main(
  argv: readonly string[],
  say: Pick<Console, 'log' | 'error'> = console,
): Promise<number> {
  try {
    const args = parseArguments(argv)
    if (args === 'help') {
      say.log(USAGE)
      return STATUS.completed
    }
    const inputs = await checkInputs(args)
    // Vite and Playwright are loaded only for input that is good.
    const { train } = await import('./train.ts')
    return STATUS[await train(inputs)]
  } catch (error) {
    const badInput = error instanceof BadInput
    const text = error instanceof Error ? error.message : String(error)
    say.error(badInput ? `finetune: ${text.replaceAll(/\s*\n\s*/g, ' ')}` : `failed: ${text}`)
    return badInput ? STATUS['bad-input'] : STATUS.failed
  }
}
