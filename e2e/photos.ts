/** Real folders of JPEG photos for tests and trials: the project's sample photos, written to disk. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import jpeg from 'jpeg-js'
import { drawPhoto } from '../src/dataset/samples/draw.ts'
import { SAMPLE_SIZE, samplePhotos } from '../src/dataset/samples/sample-set.ts'

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
  { train = 8, valid = 4, size = SAMPLE_SIZE } = {},
): Promise<WrittenPhoto[]> {
  const photos = samplePhotos(train, valid)
  for (const { path, className, index } of photos) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(
      file,
      jpeg.encode({ data: drawPhoto(className, index, size), width: size, height: size }, 90).data,
    )
  }
  return photos.map(({ path, className, split }) => ({ path, className, split }))
}
