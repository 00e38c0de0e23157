/** Looks for leaked photos away from the page: reading and comparing thousands of files would hold it up. */
import type { LeaksMessage } from './find-leaks.ts'
import { findLeaks } from './leaks.ts'
import type { Sample } from './types.ts'

const samples: Sample[] = []

self.onmessage = async ({ data }: MessageEvent<LeaksMessage>) => {
  if (data.samples) samples.push(...data.samples)
  else self.postMessage(await findLeaks(samples))
}
