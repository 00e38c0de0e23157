/** What happens between two batches: messages come in, a pause is waited out, unreadable photos are named. */
import { PHOTO_FAILURES } from '../augment/photo-error.ts'
import { letMessagesIn } from './control.ts'
import type { TrainEvent } from './events.ts'
import type { ReadBatch } from './photos.ts'
import { type Progress, type Run, RunFailure } from './run.ts'

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

/** Why a photo is no longer there, rather than damaged. */
const GONE: ReadonlySet<string> = new Set([
  PHOTO_FAILURES.vanished,
  PHOTO_FAILURES['not-permitted'],
  PHOTO_FAILURES.unreadable,
])

/**
 * Lists each unreadable photo once.
 * @throws RunFailure where no photo of a whole batch is there any more: it is the folder that is gone, and going on
 * would train on what few photos come before the others are missed.
 */
export function* skipUnreadable(
  { samples, failed }: Pick<ReadBatch, 'samples' | 'failed'>,
  skipped: Set<string>,
): Generator<TrainEvent> {
  if (samples.length === 0 && failed.length > 1 && failed.every(({ reason }) => GONE.has(reason)))
    throw new RunFailure('folder-gone', `${failed[0].sample.path}: ${failed[0].reason}`)
  for (const { sample, reason } of failed) {
    if (skipped.has(sample.path)) continue
    skipped.add(sample.path)
    yield { type: 'photo-skipped', path: sample.path, reason }
  }
}
