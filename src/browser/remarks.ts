/** What a person should know of their browser, out of what was found. */
import { localAddress } from './address.ts'
import type { CanvasCheck } from './canvas.ts'
import type { BrowserFindings } from './findings.ts'

/**
 * `hurts`: said on the page; `limits`: something is missing that has another way; both stand in the list of the
 * engine's chip.
 */
export type Remark =
  | { code: 'insecure'; weight: 'hurts'; local: string }
  | { code: 'canvas-blocked' | 'canvas-noise'; weight: 'hurts'; changed: number; largest: number }
  | { code: 'nothing-kept' | 'no-files' | 'no-projects' | 'no-simd'; weight: 'hurts' }
  | { code: 'little-space'; weight: 'hurts'; free: number }
  | {
      code:
        | 'empties-unused'
        | 'not-promised'
        | 'no-camera'
        | 'no-folder-handles'
        | 'no-locks'
        | 'no-wake-lock'
      weight: 'limits'
    }

/** Bytes: less than ImageNet's weights and a few checkpoints need. */
export const LITTLE_SPACE = 300e6

/** Most serious first. */
export function remarksOf(found: BrowserFindings): Remark[] {
  return [...addressAndStorage(found), ...canvas(found), ...machine(found), ...smaller(found)].sort(
    (a, b) => Number(b.weight === 'hurts') - Number(a.weight === 'hurts'),
  )
}

function* addressAndStorage({ secure, address, storage }: BrowserFindings): Generator<Remark> {
  // The address is the cause of all that is missing then: one sentence, one remedy.
  if (!secure) {
    yield { code: 'insecure', weight: 'hurts', local: localAddress(address) }
    return
  }
  const { files, database, free, promised, emptiesUnused } = storage
  if (!files) yield { code: database ? 'no-files' : 'nothing-kept', weight: 'hurts' }
  else if (free !== null && free < LITTLE_SPACE) yield { code: 'little-space', weight: 'hurts', free }
  if (files && !database) yield { code: 'no-projects', weight: 'hurts' }
  if (files && !promised) yield { code: emptiesUnused ? 'empties-unused' : 'not-promised', weight: 'limits' }
}

function* canvas({ canvas: { page, worker } }: BrowserFindings): Generator<Remark> {
  const checks: CanvasCheck[] = [worker, page]
  const worst = checks.find(({ kind }) => kind === 'blocked') ?? checks.find(({ kind }) => kind === 'noise')
  if (!worst) return
  const { kind, changed, largest } = worst
  yield {
    code: kind === 'blocked' ? 'canvas-blocked' : 'canvas-noise',
    weight: 'hurts',
    changed,
    largest,
  }
}

function* machine({ wasm, webgpu }: BrowserFindings): Generator<Remark> {
  if (wasm !== 'simd' && webgpu !== 'adapter') yield { code: 'no-simd', weight: 'hurts' }
}

function* smaller(found: BrowserFindings): Generator<Remark> {
  if (found.secure && !found.camera) yield { code: 'no-camera', weight: 'limits' }
  if (found.secure && !found.folderHandles) yield { code: 'no-folder-handles', weight: 'limits' }
  if (found.secure && !found.locks) yield { code: 'no-locks', weight: 'limits' }
  if (found.secure && !found.wakeLock) yield { code: 'no-wake-lock', weight: 'limits' }
}
