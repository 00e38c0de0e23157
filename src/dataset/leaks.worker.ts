/** Looks for leaked photos away from the page: reading and comparing thousands of files would hold it up. */
import { findLeaks } from './leaks.ts'
import type { Sample } from './types.ts'

self.onmessage = async ({ data }: MessageEvent<readonly Sample[]>) => {
  self.postMessage(await findLeaks(data))
}
