import type { Timing } from './protocol.ts'

/** Samples of what is quick, and of what takes longer than `SLOW` ms. */
const SAMPLES = 7
const SLOW_SAMPLES = 3
const SLOW = 4000
/** A sample repeats what is quicker than this (ms), so that the clock and a single hiccup do not count. */
const SHORTEST_SAMPLE = 40

/** Runs once to warm up (compiled shaders, allocated buffers), then takes the median. `warm`: what the first run gave. */
export async function medianTime<T>(run: () => Promise<T>): Promise<Timing & { warm: T }> {
  const [timing] = await medianTimes(run)
  return timing
}

/** The same for several runs, a sample of each in turn: what disturbs one disturbs all. */
export async function medianTimes<T>(...runs: (() => Promise<T>)[]): Promise<(Timing & { warm: T })[]> {
  const each = []
  for (const run of runs) {
    const warm = await run()
    const first = await elapsed(run, 1)
    const repeats = Math.max(1, Math.ceil(SHORTEST_SAMPLE / Math.max(first, 0.01)))
    // The first run counts unless it was only to learn how often to repeat.
    each.push({ run, warm, repeats, times: repeats === 1 ? [first] : [] })
  }
  const slow = each.some(({ times: [first] }) => first > SLOW)
  for (let turn = 1; turn < (slow ? SLOW_SAMPLES : SAMPLES); turn++)
    for (const { run, repeats, times } of each) times.push(await elapsed(run, repeats))
  return each.map(({ warm, times }) => ({ milliseconds: median(times), samples: times.length, warm }))
}

/** Milliseconds a run, over `repeats` runs. */
export async function elapsed(run: () => Promise<unknown>, repeats: number): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < repeats; i++) await run()
  return (performance.now() - start) / repeats
}

export function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
