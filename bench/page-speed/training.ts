/** What the page's main thread does while the workers train: the page only draws. */
import { drop, set } from '../../e2e/page.ts'
import { writePhotos } from '../../e2e/photos.ts'
import { median } from '../timing.ts'
import { inFolder, openPage } from './browser.ts'
import type { Figure } from './figure.ts'
import { longTasks, startLongTasks } from './long-tasks.ts'
import { mainThreadTasks } from './trace.ts'

const RUNS = 3
/** Shorter tasks (a timer that finds nothing to do) would push every percentile towards nought, ms. */
const SHORTEST = 1

interface Run {
  percentile95: number
  longest: number
  longTasks: number
}

/** Both stages on wasm, the charts in sight, 160 photos to train on. */
async function run(address: string, photos: string): Promise<Run> {
  await using open = await openPage()
  const { browser, page } = open
  await page.goto(address)
  await drop(page, [photos])
  await set(page, { size: 64, batch: 16, 'epochs-head': 4, 'epochs-all': 3 }, 'wasm')
  await page.getByTestId('train').and(page.locator(':enabled')).waitFor()
  await startLongTasks(page)
  const tasks = await mainThreadTasks(browser, page, async () => {
    await page.getByTestId('train').click()
    await page.locator('[data-testid=run-result][data-status=completed]').waitFor({ timeout: 240_000 })
  })
  const counted = tasks.filter((duration) => duration >= SHORTEST).toSorted((a, b) => a - b)
  return {
    percentile95: counted[Math.ceil(0.95 * counted.length) - 1],
    longest: counted[counted.length - 1],
    longTasks: (await longTasks(page)).length,
  }
}

export async function measureTraining(address: string): Promise<Figure[]> {
  const runs = await inFolder(async (folder) => {
    await writePhotos(folder, { train: 32, valid: 8 })
    const done: Run[] = []
    while (done.length < RUNS) {
      const { percentile95, longest, longTasks: count } = await run(address, folder)
      console.log(
        `    training run ${done.length + 1}: 95th percentile ${percentile95.toFixed(1)} ms, longest ${longest.toFixed(0)} ms, ${count} over 50 ms`,
      )
      done.push({ percentile95, longest, longTasks: count })
    }
    return done
  })
  const middle = (of: keyof Run) => median(runs.map((each) => each[of]))
  return [
    {
      what: `main-thread tasks of ${SHORTEST} ms and more while training: 95th percentile, median of ${RUNS} runs`,
      value: middle('percentile95'),
      unit: 'ms',
      bar: 50,
    },
    {
      what: `longest main-thread task while training, median of ${RUNS} runs`,
      value: middle('longest'),
      unit: 'ms',
    },
    { what: `tasks over 50 ms in a run, median of ${RUNS} runs`, value: middle('longTasks'), unit: '' },
  ]
}
