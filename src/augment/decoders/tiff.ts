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

/** Writes the RGB value of the pixel whose samples begin at `from` to `to`. */
type Color = (samples: ArrayLike<number>, from: number, into: Uint8ClampedArray, to: number) => void

async function colorOf(image: GeoTIFFImage): Promise<Color> {
  const bits = image.getBitsPerSample()
  // 1: unsigned whole numbers; signed ones and floating point have no brightness of their own.
  if (image.getSampleFormat() !== 1 || bits > 16) throw new PhotoError('unsupported-kind')
  const kind = Number(await image.fileDirectory.loadValue('PhotometricInterpretation'))
  const byte = toByte(bits)
  const samples = image.getSamplesPerPixel()
  if (kind === PALETTE)
    return paletteColor(numbers(await image.fileDirectory.loadValue('ColorMap')), 2 ** bits)
  const opacityOf = await opacity(image, COLOR_SAMPLES.get(kind) ?? 0)
  switch (kind) {
    case WHITE_IS_ZERO:
      return laidOnWhite((read, from) => gray(255 - byte(read[from])), byte, opacityOf)
    case BLACK_IS_ZERO:
      return laidOnWhite((read, from) => gray(byte(read[from])), byte, opacityOf)
    case RGB:
      if (samples < 3) break
      return laidOnWhite(
        (read, from) => [byte(read[from]), byte(read[from + 1]), byte(read[from + 2])],
        byte,
        opacityOf,
      )
    case YCBCR:
      if (samples !== 3) break
      return laidOnWhite((read, from) => fromYCbCr(read[from], read[from + 1], read[from + 2]), byte, null)
    case INK:
      if (samples < 4) break
      return laidOnWhite(
        (read, from) =>
          fromInk(byte(read[from]), byte(read[from + 1]), byte(read[from + 2]), byte(read[from + 3])),
        byte,
        null,
      )
  }
  throw new PhotoError('unsupported-kind')
}

type Rgb = readonly [number, number, number]

const gray = (value: number): Rgb => [value, value, value]

const COLOR_SAMPLES = new Map([
  [WHITE_IS_ZERO, 1],
  [BLACK_IS_ZERO, 1],
  [RGB, 3],
])

/** A sample of so many bits as 0 to 255. */
function toByte(bits: number): (sample: number) => number {
  if (bits === 8) return (sample) => sample
  if (bits > 8) return (sample) => sample >> (bits - 8)
  const most = 2 ** bits - 1
  return (sample) => Math.round((sample * 255) / most)
}

interface Opacity {
  /** Which sample of a pixel holds it. */
  sample: number
  associated: boolean
}

/** Null where no sample says how opaque a pixel is; extra samples of unknown meaning are passed over, as in Pillow. */
async function opacity(image: GeoTIFFImage, colorSamples: number): Promise<Opacity | null> {
  const extra = numbers(await image.fileDirectory.loadValue('ExtraSamples'))
  const found = extra.findIndex((kind) => kind === ASSOCIATED || kind === UNASSOCIATED)
  return found < 0 ? null : { sample: colorSamples + found, associated: extra[found] === ASSOCIATED }
}

function laidOnWhite(
  color: (samples: ArrayLike<number>, from: number) => Rgb,
  byte: (sample: number) => number,
  opacity: Opacity | null,
): Color {
  return (samples, from, into, to) => {
    const alpha = opacity ? byte(samples[from + opacity.sample]) : 255
    const rgb = color(samples, from)
    for (let channel = 0; channel < 3; channel++) {
      const value = rgb[channel]
      into[to + channel] = opacity?.associated ? value + 255 - alpha : onWhite(value, alpha)
    }
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

/** Full range, ITU-R BT.601, as in JFIF. */
const fromYCbCr = (y: number, cb: number, cr: number): Rgb => [
  y + 1.402 * (cr - 128),
  y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128),
  y + 1.772 * (cb - 128),
]

/** Pillow's `cmyk2rgb`: what the black leaves, less what the colour takes of it. No ink profile is applied. */
function fromInk(cyan: number, magenta: number, yellow: number, black: number): Rgb {
  const light = 255 - black
  return [light - share(cyan, light), light - share(magenta, light), light - share(yellow, light)]
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
