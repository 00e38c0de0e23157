/** Remembers why a device can no longer be trusted: it is lost, or an error reached nobody. */
import { EngineError } from '../errors.ts'

export class FailureWatch {
  private readonly device: GPUDevice
  private failure: Error | null = null
  private closed = false

  constructor(device: GPUDevice) {
    this.device = device
    device.addEventListener('uncapturederror', this.onError)
    device.lost.then(({ reason, message }) => {
      if (!this.closed)
        this.failure = new EngineError('device-lost', `The GPU device is lost (${reason}). ${message}`)
    })
  }

  /** @throws what went wrong since the device was opened. */
  check(): void {
    if (this.failure) throw this.failure
  }

  /** The result of `work`; what the device itself reports comes before how the work failed. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    this.check()
    try {
      const result = await work()
      this.check()
      return result
    } catch (error) {
      // A lost device rejects pending reads a moment before `lost` is told.
      await new Promise((resolve) => setTimeout(resolve, 0))
      this.check()
      throw error
    }
  }

  close(): void {
    this.closed = true
    this.device.removeEventListener('uncapturederror', this.onError)
  }

  private readonly onError = ({ error }: GPUUncapturedErrorEvent): void => {
    this.failure ??=
      error instanceof GPUOutOfMemoryError
        ? new EngineError('out-of-memory', `The GPU ran out of memory. ${error.message}`)
        : new Error(`The GPU reported an error: ${error.message}`)
  }
}
