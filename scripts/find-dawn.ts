/** Says which adapter WebGPU has in Node; ends with 1 where it has none. */
import { chromiumPath } from './chromium.mjs'
import { openDawn } from './dawn.ts'

const adapter = await openDawn(true, chromiumPath()).requestAdapter()
if (adapter) console.log(adapter.info.description || adapter.info.vendor || 'an adapter')
// Dawn's instance would keep the process alive.
process.exit(adapter ? 0 : 1)
