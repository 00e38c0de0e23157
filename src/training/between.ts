/** What happens between two batches: messages come in, a pause is waited out, unreadable photos are named. */
import type { Sample } from '../dataset/types.ts'
import { letMessagesIn } from './control.ts'
import type { TrainEvent } from './events.ts'
import type { Progress, Run } from './run.ts'

/** Whether the run should stop. */
export async function* betweenBatches(run: Run): Progress<boolean> {
  await letMessagesIn()
  if (run.control.paused && !run.control.stopped) {
    yield { type: 'paused' }
    await run.control.unpaused()
    if (!run.control.stopped) yield { type: 'resumed' }
  }
  return run.control.stopped
}

/** Lists each unreadable photo once. */
export function* skipUnreadable(
  failed: readonly { sample: Sample; reason: string }[],
  skipped: Set<string>,
): Generator<TrainEvent> {
  for (const { sample, reason } of failed) {
    if (skipped.has(sample.path)) continue
    skipped.add(sample.path)
    yield { type: 'photo-skipped', path: sample.path, reason }
  }
}
