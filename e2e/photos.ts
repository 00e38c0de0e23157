/** Real folders of JPEG photos for tests and trials: drawn ones, written to disk. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import jpeg from 'jpeg-js'
import { drawPhoto } from '../tests/drawn-photos/draw.ts'
import { DRAWN_SIZE, drawnPhotos } from '../tests/drawn-photos/photo-set.ts'

export interface WrittenPhoto {
  /** Relative to the folder, e.g. `train/leaf/leaf-01.jpg`. */
  path: string
  className: string
  split: 'train' | 'valid' | 'test'
}

/**
 * Writes `train/<class>/*.jpg` and `valid/<class>/*.jpg` into a folder, which is made where it is missing: five
 * classes with `train` and `valid` photos each, `size` px square. By default 60 files.
 */
export async function writePhotos(
  folder: string,
  { train = 8, valid = 4, size = DRAWN_SIZE } = {},
): Promise<WrittenPhoto[]> {
  const photos = drawnPhotos(train, valid)
  for (const { path, className, index } of photos) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await copyFile(await drawn(className, index, size), file)
  }
  return photos.map(({ path, className, split }) => ({ path, className, split }))
}

const KEPT = fileURLToPath(new URL('../.cache/test-photos/', import.meta.url))
const DRAWING = fileURLToPath(new URL('../tests/drawn-photos/', import.meta.url))

/** Path of a drawn photo. Drawing one takes longer than all else that a small test does, so it is kept once drawn. */
async function drawn(className: string, index: number, size: number): Promise<string> {
  code ??= codeHash()
  const folder = join(KEPT, await code)
  const file = join(folder, `${className}-${index}-${size}.jpg`)
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true })
    const data = drawPhoto(className, index, size)
    // Written aside: tests run side by side.
    const aside = `${file}.${process.pid}`
    await writeFile(aside, jpeg.encode({ data, width: size, height: size }, 90).data)
    await rename(aside, file)
  }
  return file
}

let code: Promise<string> | undefined

/** What is kept was drawn by this very code. */
async function codeHash(): Promise<string> {
  const names = (await readdir(DRAWING, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const hash = createHash('sha256')
  for (const name of names.toSorted()) hash.update(name).update(await readFile(join(DRAWING, name)))
  return hash.digest('hex').slice(0, 16)
}
