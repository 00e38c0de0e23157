import type { OpaqueImage } from './opaque-image.ts'

/**
 * The picture as it is meant to be seen. `orientation` is TIFF's (and EXIF's) number, 1 to 8: where the first row and
 * the first column of what is stored belong. Others count as 1.
 */
export function upright(image: OpaqueImage, orientation: number): OpaqueImage {
  const { width, height } = image
  // Steps through the stored pixels, from where the upright picture's first pixel lies.
  const last = width * height - 1
  const row = width
  const walks: Record<number, [start: number, right: number, down: number]> = {
    2: [row - 1, -1, row],
    3: [last, -1, -row],
    4: [last - row + 1, 1, -row],
    5: [0, row, 1],
    6: [last - row + 1, -row, 1],
    7: [last, -row, -1],
    8: [row - 1, row, -1],
  }
  const walk = walks[orientation]
  if (!walk) return image
  const [start, right, down] = walk
  const swapped = orientation >= 5
  const size = swapped ? { width: height, height: width } : { width, height }
  const from = new Uint32Array(image.data.buffer, image.data.byteOffset, width * height)
  const to = new Uint32Array(width * height)
  for (let y = 0, at = 0; y < size.height; y++)
    for (let x = 0, source = start + y * down; x < size.width; x++, source += right) to[at++] = from[source]
  return { ...size, data: new Uint8ClampedArray(to.buffer) }
}
