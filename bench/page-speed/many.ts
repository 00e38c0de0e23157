/** Ten thousand photos: dropped, listed, looked through, without a stall. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import jpeg from 'jpeg-js'
import { drop } from '../../e2e/page.ts'
import { drawPhoto } from '../../tests/drawn-photos/draw.ts'
import { inFolder, openPage } from './browser.ts'
import type { Figure } from './figure.ts'
import { longTasks, startLongTasks } from './long-tasks.ts'
import { noteMoments, readMoments } from './moments.ts'

const CLASSES = 10
const PHOTOS_A_CLASS = 1000
/** px */
const SIZE = 32

const ANSWER = '[data-testid=reading]'
const LISTED = '[data-testid=class-row]'

/** Turns of the wheel through the photos of a class, and px a turn. */
const TURNS = 40
const TURN = 600

async function writeMany(folder: string): Promise<void> {
  const data = drawPhoto('leaf', 1, SIZE)
  const photo = jpeg.encode({ data, width: SIZE, height: SIZE }, 80).data
  for (let name = 0; name < CLASSES; name++) {
    const of = join(folder, `class-${name}`)
    await mkdir(of, { recursive: true })
    for (let index = 0; index < PHOTOS_A_CLASS; index++) await writeFile(join(of, `${index}.jpg`), photo)
  }
}

export async function measureMany(address: string): Promise<Figure[]> {
  return inFolder(async (folder) => {
    await writeMany(folder)
    await using open = await openPage()
    const { page } = open
    await page.goto(address, { waitUntil: 'networkidle' })
    const wanted = [ANSWER, LISTED]
    await noteMoments(page, wanted)
    await startLongTasks(page)
    await drop(page, [folder])
    const at = await readMoments(page, wanted)
    const listing = await longTasks(page)

    await startLongTasks(page)
    await page.getByTestId('open-class').first().click()
    await page.getByTestId('photos-grid').hover()
    for (let turn = 0; turn < TURNS; turn++) {
      await page.mouse.wheel(0, TURN)
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)))
    }
    const scrolling = await longTasks(page)
    const count = CLASSES * PHOTOS_A_CLASS
    const longest = (durations: readonly number[]) => Math.max(0, ...durations)
    return [
      {
        what: `${count} photos: from the drop to an answer`,
        value: at[ANSWER] - at.drop,
        unit: 'ms',
        bar: 100,
      },
      { what: `${count} photos: from the drop to the list`, value: at[LISTED] - at.drop, unit: 'ms' },
      {
        what: `${count} photos: longest main-thread task until the list stands`,
        value: longest(listing),
        unit: 'ms',
        bar: 200,
      },
      {
        what: `${count} photos: longest main-thread task while a class is scrolled through`,
        value: longest(scrolling),
        unit: 'ms',
        bar: 200,
      },
    ]
  })
}
