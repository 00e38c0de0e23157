/**
 * The small results of steps, read back in groups. A step only copies its result into its group's buffer, behind its own
 * work on the GPU. The buffer is mapped when the group is large enough, when no further step has come for a moment, and
 * at once for a step that is alone.
 */

/** Steps of a group at the most. */
const SLOTS = 16
/** Milliseconds without a further step after which a group is read. */
const MOMENT = 20

/** What a group's steps took together. */
export interface GroupDone {
  steps: number
  work: number
  /** When the first of them was given to the device (ms). */
  start: number
}

interface Waiting {
  resolve(words: Uint32Array<ArrayBuffer>): void
  reject(reason: unknown): void
}

interface Group extends GroupDone {
  staging: GPUBuffer
  waiting: Waiting[]
}

export class ResultGroups {
  private readonly device: GPUDevice
  private readonly words: number
  private readonly onRead: (done: GroupDone) => void
  private readonly free: GPUBuffer[] = []
  private readonly all: GPUBuffer[] = []
  private group: Group | null = null
  private reading = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Results of `words` 32-bit words each. `onRead` is called for each group before its steps hear of it. */
  constructor(device: GPUDevice, words: number, onRead: (done: GroupDone) => void) {
    this.device = device
    this.words = words
    this.onRead = onRead
  }

  /** Encodes the copy of a step's result. Call `submitted` once the encoder's commands are. */
  copy(
    encoder: GPUCommandEncoder,
    source: GPUBuffer,
    { work, start }: Omit<GroupDone, 'steps'>,
  ): Promise<Uint32Array<ArrayBuffer>> {
    this.group ??= { staging: this.free.pop() ?? this.create(), waiting: [], steps: 0, work: 0, start }
    const { group } = this
    const bytes = 4 * this.words
    encoder.copyBufferToBuffer(source, 0, group.staging, bytes * group.steps++, bytes)
    group.work += work
    return new Promise((resolve, reject) => group.waiting.push({ resolve, reject }))
  }

  /** Reads the results now, or with those of the steps that follow, `together` at the most. */
  submitted(together: number): void {
    clearTimeout(this.timer)
    if (!this.group) return
    const { steps } = this.group
    if ((steps === 1 && this.reading === 0) || steps >= Math.min(together, SLOTS)) this.flush()
    else this.timer = setTimeout(() => this.flush(), MOMENT)
  }

  destroy(): void {
    clearTimeout(this.timer)
    for (const buffer of this.all) buffer.destroy()
  }

  private flush(): void {
    const { group } = this
    this.group = null
    if (group) void this.read(group)
  }

  private async read({ staging, waiting, ...done }: Group): Promise<void> {
    this.reading++
    try {
      await staging.mapAsync(GPUMapMode.READ)
      const words = new Uint32Array(staging.getMappedRange().slice(0))
      staging.unmap()
      this.free.push(staging)
      this.onRead(done)
      waiting.forEach(({ resolve }, i) => {
        resolve(words.slice(i * this.words, (i + 1) * this.words))
      })
    } catch (reason) {
      for (const { reject } of waiting) reject(reason)
    } finally {
      this.reading--
    }
  }

  private create(): GPUBuffer {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const buffer = this.device.createBuffer({ label: 'results', size: 4 * this.words * SLOTS, usage })
    this.all.push(buffer)
    return buffer
  }
}
