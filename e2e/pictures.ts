/** Screenshots side by side in one picture. */
import { writeFile } from 'node:fs/promises'
import { PNG } from 'pngjs'

/** px between two pictures, and around them. */
const GAP = 16
const WALL = [0xe4, 0xe7, 0xec, 0xff]

/** Half as large, each pixel the mean of four: sharp enough for a page of text, a quarter of the bytes. */
function half(source: PNG): PNG {
  const small = new PNG({ width: source.width >> 1, height: source.height >> 1 })
  for (let y = 0; y < small.height; y++)
    for (let x = 0; x < small.width; x++)
      for (let channel = 0; channel < 4; channel++) {
        const at = 4 * (2 * y * source.width + 2 * x) + channel
        const below = at + 4 * source.width
        const { data } = source
        small.data[4 * (y * small.width + x) + channel] =
          (data[at] + data[at + 4] + data[below] + data[below + 4] + 2) >> 2
      }
  return small
}

/** Writes PNG screenshots of one size as rows of `columns` pictures, at half their size. */
export async function writeStrip(
  file: string,
  screenshots: readonly Buffer[],
  columns: number,
): Promise<void> {
  const pictures = screenshots.map((shot) => half(PNG.sync.read(shot)))
  const [{ width, height }] = pictures
  const rows = Math.ceil(pictures.length / columns)
  const strip = new PNG({
    width: columns * (width + GAP) + GAP,
    height: rows * (height + GAP) + GAP,
  })
  for (let at = 0; at < strip.data.length; at += 4) strip.data.set(WALL, at)
  for (const [index, picture] of pictures.entries()) {
    const left = GAP + (index % columns) * (width + GAP)
    const top = GAP + Math.floor(index / columns) * (height + GAP)
    PNG.bitblt(picture, strip, 0, 0, width, height, left, top)
  }
  await writeFile(file, PNG.sync.write(strip, { colorType: 2 }))
}
