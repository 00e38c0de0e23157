/**
 * TIFF, for browsers that do not decode it: the first picture of the file, of 1 to 16 bits a sample, gray, palette,
 * RGB, CMYK or YCbCr, in strips or tiles. geotiff unpacks the samples; what they mean is here, and gives Pillow's
 * pixels. Samples of more than 8 bits keep their high byte, as Pillow reads 16 bit RGB: 65,535 becomes 255.
 */
import { fromArrayBuffer, type GeoTIFFImage } from 'geotiff'
import { PhotoError } from '../photo-error.ts'
import { type OpaqueImage, onWhite } from './opaque-image.ts'
import { upright } from './orientation.ts'

/** Rows are unpacked in portions of about so many pixels, or of one strip or row of tiles where that is more. */
const PORTION_PIXELS = 2e6

const BITS_PER_SAMPLE = 258

/** Values of PhotometricInterpretation. */
const WHITE_IS_ZERO = 0
const BLACK_IS_ZERO = 1
const RGB = 2
const PALETTE = 3
const INK = 5
const YCBCR = 6

/** Value of ExtraSamples: colours that are multiplied by their opacity already. */
const ASSOCIATED = 1
const UNASSOCIATED = 2

/** @throws PhotoError `unsupported-kind` for what a photo is not (floating point, CIELab, more than 16 bits). */
export async function decodeTiff(bytes: Uint8Array<ArrayBuffer>): Promise<OpaqueImage> {
  const image = await (await fromArrayBuffer(bytes.buffer)).getImage()
  const { fileDirectory } = image
  // What TIFF 6.0 says of a file that leaves it out, and geotiff does not know.
  if (!fileDirectory.hasTag('BitsPerSample')) fileDirectory.actualizedFields.set(BITS_PER_SAMPLE, [1])
  const width = image.getWidth()
  const height = image.getHeight()
  const samples = image.getSamplesPerPixel()
  const color = await colorOf(image)
  const data = new Uint8ClampedArray(width * height * 4)
  const block = image.getTileHeight()
  const rows = block * Math.max(1, Math.floor(PORTION_PIXELS / (width * block)))
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(height, top + rows)
    const read = await image.readRasters({ window: [0, top, width, bottom], interleave: true })
    for (let from = 0, to = top * width * 4; from < read.length; from += samples, to += 4)
      color(read, from, data, to)
  }
  const orientation: unknown = await fileDirectory.loadValue('Orientation')
  return upright({ width, height, data }, typeof orientation === 'number' ? orientation : 1)
}

/** Writes the RGB value of the pixel whose samples begin at `from` to `to`. Called for each pixel: allocates nothing. */
type Color = (samples: ArrayLike<number>, from: number, into: Uint8ClampedArray, to: number) => void

async function colorOf(image: GeoTIFFImage): Promise<Color> {
  const bits = image.getBitsPerSample()
  // 1: unsigned whole numbers; signed ones and floating point have no brightness of their own.
  if (image.getSampleFormat() !== 1 || bits > 16) throw new PhotoError('unsupported-kind')
  const kind = Number(await image.fileDirectory.loadValue('PhotometricInterpretation'))
  const samples = image.getSamplesPerPixel()
  if (samples < (COLOR_SAMPLES.get(kind) ?? Number.POSITIVE_INFINITY))
    throw new PhotoError('unsupported-kind')
  if (kind === PALETTE)
    return paletteColor(numbers(await image.fileDirectory.loadValue('ColorMap')), 2 ** bits)
  const byte = toByte(bits)
  const extra = numbers(await image.fileDirectory.loadValue('ExtraSamples'))
  const color = plainColor(kind, byte)
  const found = extra.findIndex((meaning) => meaning === ASSOCIATED || meaning === UNASSOCIATED)
  // Extra samples of unknown meaning are passed over, as in Pillow.
  if (found < 0 || kind === INK || kind === YCBCR) return color
  const opacity = (COLOR_SAMPLES.get(kind) ?? 0) + found
  return laidOnWhite(color, (read, from) => byte(read[from + opacity]), extra[found] === ASSOCIATED)
}

/** How many samples make a colour. */
const COLOR_SAMPLES = new Map([
  [WHITE_IS_ZERO, 1],
  [BLACK_IS_ZERO, 1],
  [PALETTE, 1],
  [RGB, 3],
  [YCBCR, 3],
  [INK, 4],
])

/** @param byte a sample as 0 to 255 */
function plainColor(kind: number, byte: (sample: number) => number): Color {
  switch (kind) {
    case RGB:
      return (read, from, into, to) => {
        into[to] = byte(read[from])
        into[to + 1] = byte(read[from + 1])
        into[to + 2] = byte(read[from + 2])
      }
    case YCBCR:
      // Full range, ITU-R BT.601, as in JFIF.
      return (read, from, into, to) => {
        const y = read[from]
        const blue = read[from + 1] - 128
        const red = read[from + 2] - 128
        into[to] = y + 1.402 * red
        into[to + 1] = y - 0.344136 * blue - 0.714136 * red
        into[to + 2] = y + 1.772 * blue
      }
    case INK:
      // Pillow's `cmyk2rgb`: what the black leaves, less what the colour takes of it. No ink profile is applied.
      return (read, from, into, to) => {
        const light = 255 - byte(read[from + 3])
        for (let ink = 0; ink < 3; ink++) into[to + ink] = light - share(byte(read[from + ink]), light)
      }
    default: {
      const flip = kind === WHITE_IS_ZERO ? 255 : 0
      return (read, from, into, to) => {
        const value = byte(read[from]) ^ flip
        into[to] = value
        into[to + 1] = value
        into[to + 2] = value
      }
    }
  }
}

/** A sample of so many bits as 0 to 255. */
function toByte(bits: number): (sample: number) => number {
  if (bits === 8) return (sample) => sample
  if (bits > 8) return (sample) => sample >> (bits - 8)
  const most = 2 ** bits - 1
  return (sample) => Math.round((sample * 255) / most)
}

/** @param associated whether colours are multiplied by their opacity already */
function laidOnWhite(
  color: Color,
  opacityOf: (samples: ArrayLike<number>, from: number) => number,
  associated: boolean,
): Color {
  return (samples, from, into, to) => {
    color(samples, from, into, to)
    const opacity = opacityOf(samples, from)
    for (let i = to; i < to + 3; i++)
      into[i] = associated ? into[i] + 255 - opacity : onWhite(into[i], opacity)
  }
}

/** `map`: all reds, then all greens, then all blues, of 16 bits each. */
function paletteColor(map: readonly number[], entries: number): Color {
  if (map.length < 3 * entries) throw new PhotoError('damaged')
  return (samples, from, into, to) => {
    for (let channel = 0; channel < 3; channel++)
      into[to + channel] = map[channel * entries + samples[from]] >> 8
  }
}

/** a * b / 255, rounded (Pillow's `MULDIV255`). */
function share(a: number, b: number): number {
  const product = a * b + 128
  return ((product >> 8) + product) >> 8
}

const numbers = (value: unknown): number[] => {
  if (typeof value === 'number') return [value]
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(Object.values(value), Number)
  return []
}
