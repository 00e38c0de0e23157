import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GroupDone, ResultGroups } from './results.ts'
import { testDevice } from './testing.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})
afterAll(() => device.destroy())

const WORDS = 4

/** Steps that do nothing but leave their number and its square. */
class Steps {
  readonly groups: GroupDone[] = []
  readonly results = new ResultGroups(device, WORDS, (done) => this.groups.push(done))
  private readonly source = device.createBuffer({
    size: 4 * WORDS,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  })

  take(step: number, together: number): Promise<Uint32Array> {
    device.queue.writeBuffer(this.source, 0, Uint32Array.of(step, step * step))
    const encoder = device.createCommandEncoder()
    const words = this.results.copy(encoder, this.source, { work: step, start: 0 })
    device.queue.submit([encoder.finish()])
    this.results.submitted(together)
    return words
  }

  [Symbol.dispose](): void {
    this.results.destroy()
    this.source.destroy()
  }
}

describe('results of steps', () => {
  it('are read at once where a step is alone', async () => {
    using steps = new Steps()
    for (const step of [1, 2, 3])
      expect(Array.from(await steps.take(step, 8))).toEqual([step, step * step, 0, 0])
    expect(steps.groups.map(({ steps }) => steps)).toEqual([1, 1, 1])
  })

  it('come several at a time where steps follow each other, each its own', async () => {
    using steps = new Steps()
    const numbers = Array.from({ length: 20 }, (_, i) => i + 1)
    const words = await Promise.all(numbers.map((step) => steps.take(step, 8)))
    expect(words.map(([step, square]) => [step, square])).toEqual(numbers.map((step) => [step, step * step]))
    // The first is alone; then groups of eight; the last three are read when no further step comes.
    expect(steps.groups.map(({ steps }) => steps)).toEqual([1, 8, 8, 3])
    expect(steps.groups[1].work).toBe(2 + 3 + 4 + 5 + 6 + 7 + 8 + 9)
  })

  it('reject where the device is lost before they are there', async () => {
    const lost = await testDevice()
    const source = lost.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_SRC })
    const results = new ResultGroups(lost, WORDS, () => undefined)
    const encoder = lost.createCommandEncoder()
    const words = results.copy(encoder, source, { work: 1, start: 0 })
    lost.queue.submit([encoder.finish()])
    results.submitted(8)
    lost.destroy()
    await expect(words).rejects.toThrow()
  })
})
