/** GPU memory as it is asked for: the bytes of a device's buffers from their making to their destruction. */

export interface MemoryMeter extends Disposable {
  /** Bytes held now. */
  held: number
  /** Most bytes held at a time since the meter began or was `reset`. */
  peak: number
  /** Lets the peak begin again at what is held. */
  reset(): void
}

/**
 * Counts this device's buffers from now on, until it is disposed of. A buffer that is dropped and never destroyed counts
 * as held.
 */
export function meterMemory(device: GPUDevice): MemoryMeter {
  const meter: MemoryMeter = {
    held: 0,
    peak: 0,
    reset() {
      meter.peak = meter.held
    },
    [Symbol.dispose]() {
      device.createBuffer = original
    },
  }
  const original = device.createBuffer
  const create = original.bind(device)
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor)
    let live = descriptor.size
    meter.held += live
    meter.peak = Math.max(meter.peak, meter.held)
    const destroy = buffer.destroy.bind(buffer)
    buffer.destroy = () => {
      meter.held -= live
      live = 0
      return destroy()
    }
    return buffer
  }
  return meter
}

/** Counts dispatches; `compute` off: nothing that is submitted is done, so that only this side's work takes time. */
export function watchQueue(device: GPUDevice, compute: boolean): { dispatches: number } {
  const seen = { dispatches: 0 }
  const makeEncoder = device.createCommandEncoder.bind(device)
  device.createCommandEncoder = (descriptor) => {
    const encoder = makeEncoder(descriptor)
    const begin = encoder.beginComputePass.bind(encoder)
    encoder.beginComputePass = (pass) => {
      const begun = begin(pass)
      const dispatch = begun.dispatchWorkgroups.bind(begun)
      begun.dispatchWorkgroups = (x, y, z) => {
        seen.dispatches++
        return dispatch(x, y, z)
      }
      return begun
    }
    return encoder
  }
  if (!compute) device.queue.submit = () => undefined
  return seen
}
