/** The device that every family is forced on: Dawn's in Node, so that hours of kernels need no browser. */
import { chromiumPath } from '../../scripts/chromium.mjs'
import { openDevice } from '../../src/engine/plan/device.ts'

/** Kept for as long as its devices. */
let dawn: GPU | undefined

/** The software adapter (another by `VK_ICD_FILENAMES`); null where Dawn finds none, or is not built for this system. */
export async function kernelDevice(): Promise<GPUDevice | null> {
  const module = await import('../../scripts/dawn.ts').catch(() => null)
  if (!module) return null
  dawn ??= module.openDawn(true, chromiumPath())
  const opened = await openDevice(dawn)
  opened?.device.addEventListener('uncapturederror', ({ error }) => {
    throw new Error(error.message)
  })
  return opened?.device ?? null
}
