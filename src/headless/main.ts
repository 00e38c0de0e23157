/**
 * The plain page behind `npm run finetune`: the same workers as the page, no React. It waits for a request from the
 * command line and a dropped folder. May import everything but `app` and `store`; nothing imports it except the
 * command line, which shares protocol.ts.
 */
import { gatherDrop } from '../dataset/index.ts'
import { type HeadlessMessage, type HeadlessRequest, headlessRequestSchema } from './protocol.ts'
import { HeadlessRun } from './run.ts'

declare global {
  interface Window {
    /** Set by the command line before the page loads. */
    tabtuneReport(message: HeadlessMessage): Promise<void>
    /** What the command line calls: `start`, then the folder is dropped. */
    tabtune: { start(request: HeadlessRequest): void; stop(): Promise<void> }
  }
}

const report = (message: HeadlessMessage) => void window.tabtuneReport(message)
let run: HeadlessRun | null = null

window.tabtune = {
  start(request) {
    run = new HeadlessRun(headlessRequestSchema.parse(request), report)
  },
  async stop() {
    await run?.stop()
  },
}

document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', async (event) => {
  event.preventDefault()
  if (!run || !event.dataTransfer) return
  try {
    report(await run.run(await gatherDrop(event.dataTransfer)))
  } catch (error) {
    report({
      type: 'end',
      status: 'failed',
      results: false,
      text: error instanceof Error ? error.message : String(error),
    })
  }
})

/** Which WebGPU this browser offers; the command line starts Chromium with other flags where it does not suit. */
async function findGpu(): Promise<'hardware' | 'software' | 'none'> {
  const adapter = await navigator.gpu?.requestAdapter()
  if (!adapter) return 'none'
  return adapter.info.isFallbackAdapter ? 'software' : 'hardware'
}

report({ type: 'ready', gpu: await findGpu() })
