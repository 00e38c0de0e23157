/** Tasks of the page's main thread, from Chromium's own trace. */
import type { Browser, Page } from '@playwright/test'
import { z } from 'zod'

/** A thread's task; times and durations in microseconds. */
const taskSchema = z.object({
  ph: z.literal('X'),
  name: z.literal('RunTask'),
  pid: z.number(),
  tid: z.number(),
  dur: z.number(),
})
const threadSchema = z.object({
  ph: z.literal('M'),
  name: z.literal('thread_name'),
  pid: z.number(),
  tid: z.number(),
  args: z.object({ name: z.string() }),
})
const traceSchema = z.object({ traceEvents: z.array(z.unknown()) })

/**
 * Durations in ms of the tasks that the page's main thread ran during `during`. A renderer that only sits beside it
 * (a spare one) has no long tasks and few short ones, and is left out: the thread with the most time counts.
 */
export async function mainThreadTasks(
  browser: Browser,
  page: Page,
  during: () => Promise<void>,
): Promise<number[]> {
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] })
  await during()
  const { traceEvents } = traceSchema.parse(JSON.parse((await browser.stopTracing()).toString('utf8')))
  const mainThreads = new Map<string, number[]>()
  for (const event of traceEvents) {
    const thread = threadSchema.safeParse(event)
    if (thread.success && thread.data.args.name === 'CrRendererMain')
      mainThreads.set(`${thread.data.pid}/${thread.data.tid}`, [])
  }
  for (const event of traceEvents) {
    const task = taskSchema.safeParse(event)
    if (task.success) mainThreads.get(`${task.data.pid}/${task.data.tid}`)?.push(task.data.dur / 1000)
  }
  const sum = (durations: number[]) => durations.reduce((total, duration) => total + duration, 0)
  const [busiest] = [...mainThreads.values()].toSorted((a, b) => sum(b) - sum(a))
  if (!busiest?.length) throw new Error('the trace holds no task of a main thread')
  return busiest
}
