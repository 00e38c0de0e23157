/**
 * `npm run finetune`: trains in a headless Chromium with the page's own workers. May import `src/headless/protocol`,
 * `recipe` and `weights`; reads the command line (main, arguments, inputs), then runs it (train).
 */
import { main } from './main.ts'

// npm runs scripts in the project's folder; paths are meant from where the person is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)
process.exitCode = await main(process.argv.slice(2))
