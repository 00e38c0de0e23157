/** How long a program takes on the device: by timestamps where it has them, by the wall clock otherwise. */
import type { LaidOut } from './executor.ts'
import { readBack } from './readback.ts'

/** Two timestamps of 8 bytes. */
const BYTES = 16

export class Clock {
  private readonly device: GPUDevice
  private readonly stamps: { querySet: GPUQuerySet; resolved: GPUBuffer } | null

  constructor(device: GPUDevice) {
    this.device = device
    this.stamps = device.features.has('timestamp-query')
      ? {
          querySet: device.createQuerySet({ type: 'timestamp', count: 2 }),
          resolved: device.createBuffer({
            label: 'timestamps',
            size: BYTES,
            usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
          }),
        }
      : null
  }

  /** Milliseconds of one run, the mean of `repeats` one after the other. */
  async time({ dispatches }: LaidOut, repeats: number): Promise<number> {
    const { device, stamps } = this
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass(
      stamps
        ? {
            timestampWrites: {
              querySet: stamps.querySet,
              beginningOfPassWriteIndex: 0,
              endOfPassWriteIndex: 1,
            },
          }
        : {},
    )
    for (let run = 0; run < repeats; run++)
      for (const { pipeline, bindGroup, groups } of dispatches) {
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, bindGroup)
        pass.dispatchWorkgroups(...groups)
      }
    pass.end()
    if (stamps) encoder.resolveQuerySet(stamps.querySet, 0, 2, stamps.resolved, 0)
    const start = performance.now()
    device.queue.submit([encoder.finish()])
    if (!stamps) {
      await device.queue.onSubmittedWorkDone()
      return (performance.now() - start) / repeats
    }
    const words = await readBack(device, [{ buffer: stamps.resolved, offset: 0, size: BYTES / 4 }])
    const [began, ended] = new BigUint64Array(words)
    // Nanoseconds; browsers round them to 0.1 ms, and some drivers give none.
    if (ended > began) return Number(ended - began) / 1e6 / repeats
    return (performance.now() - start) / repeats
  }

  destroy(): void {
    this.stamps?.querySet.destroy()
    this.stamps?.resolved.destroy()
  }
}
