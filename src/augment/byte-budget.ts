/** Lets work wait until the memory that it needs is free. */
export class ByteBudget {
  private used = 0
  private waiting: { bytes: number; start: () => void }[] = []

  constructor(readonly limit: number) {}

  /** Runs `work` once `bytes` are free (more than the whole budget: once nothing else runs), in order of asking. */
  async with<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.waiting.push({ bytes, start })
      this.startWhatFits()
    })
    try {
      return await work()
    } finally {
      this.used -= bytes
      this.startWhatFits()
    }
  }

  private startWhatFits(): void {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      if (this.used > 0 && this.used + next.bytes > this.limit) return
      this.waiting.shift()
      this.used += next.bytes
      next.start()
    }
  }
}
