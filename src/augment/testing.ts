/** Small image files made by hand, for the tests. */
import type { Sample } from '../dataset/types.ts'

/** A picture of four quarters: red, green, blue, yellow (from the upper left, row by row). */
export function quarters(width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')!
  const colors = ['#f00', '#0f0', '#00f', '#ff0']
  colors.forEach((color, i) => {
    context.fillStyle = color
    context.fillRect(((i % 2) * width) / 2, (Math.floor(i / 2) * height) / 2, width / 2, height / 2)
  })
  return canvas
}

/** A photo-like picture, different for each seed. */
export function noisy(width: number, height: number, seed: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')!
  const image = context.createImageData(width, height)
  for (let i = 0; i < image.data.length; i++) {
    const pixel = i >> 2
    const wave = Math.sin((pixel % width) / (3 + seed) + (i % 4)) + Math.cos(pixel / width / 7 + seed)
    image.data[i] = i % 4 === 3 ? 255 : 128 + 55 * wave
  }
  context.putImageData(image, 0, 0)
  return canvas
}

export async function encode(canvas: OffscreenCanvas, type: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.95 })).arrayBuffer())
}

/** A JPEG file with an EXIF block that says how its rows lie (6: turn clockwise by 90 degrees to see it upright). */
export function withOrientation(jpeg: Uint8Array<ArrayBuffer>, orientation: number): Uint8Array<ArrayBuffer> {
  const exif = [
    ...[0xff, 0xe1, 0, 34],
    ...[0x45, 0x78, 0x69, 0x66, 0, 0], // "Exif"
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8], // big-endian TIFF, its directory at 8
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], // one entry: Orientation
    ...[0, 0, 0, 0],
  ]
  return Uint8Array.of(...jpeg.subarray(0, 2), ...exif, ...jpeg.subarray(2))
}

export function sampleOf(path: string, bytes: BlobPart, lastModified = 1): Sample {
  return {
    path,
    split: 'train',
    label: 0,
    source: { kind: 'file', file: new File([bytes], path, { lastModified }) },
  }
}

/** The RGB value of a pixel. */
export function rgbAt(data: ArrayLike<number>, width: number, x: number, y: number): number[] {
  return [0, 1, 2].map((channel) => data[(y * width + x) * 3 + channel])
}
