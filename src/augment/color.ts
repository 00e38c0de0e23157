/**
 * Colour operations on RGB bytes, in place, as torchvision does them through Pillow: `ImageEnhance`, `Blend.c`
 * and the HSV conversions of `Convert.c`, with their float32 and byte roundings.
 */
import type { Pixels } from './types.ts'

/** Pillow's luma of one pixel (ITU-R 601-2 in 16 bit fixed point). */
const luma = (red: number, green: number, blue: number) =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16

/** `ImagingBlend` of one byte: from `base` towards `value` by `factor` (float32), clipped, fraction cut off. */
const blend = (base: number, value: number, factor: number) =>
  Math.min(255, Math.max(0, Math.trunc(Math.fround(base + Math.fround(factor * (value - base))))))

/** Every byte blended with one grey. */
function blendWithGrey({ data }: Pixels, grey: number, factor: number): void {
  const single = Math.fround(factor)
  const table = new Uint8Array(256)
  for (let value = 0; value < 256; value++) table[value] = blend(grey, value, single)
  for (let i = 0; i < data.length; i++) data[i] = table[data[i]]
}

/** `adjust_brightness`: 0 is black, 1 changes nothing. */
export function adjustBrightness(pixels: Pixels, factor: number): void {
  blendWithGrey(pixels, 0, factor)
}

/** `adjust_contrast`: 0 is the picture's mean grey, 1 changes nothing. */
export function adjustContrast(pixels: Pixels, factor: number): void {
  const { data } = pixels
  let sum = 0
  for (let i = 0; i < data.length; i += 3) sum += luma(data[i], data[i + 1], data[i + 2])
  blendWithGrey(pixels, Math.trunc(sum / (data.length / 3) + 0.5), factor)
}

/** `adjust_saturation`: 0 is grey, 1 changes nothing. */
export function adjustSaturation({ data }: Pixels, factor: number): void {
  const single = Math.fround(factor)
  // factor x (value - grey), for each difference of two bytes.
  const scaled = new Float32Array(511)
  for (let i = 0; i < 511; i++) scaled[i] = single * (i - 255)
  for (let i = 0; i < data.length; i += 3) {
    const grey = luma(data[i], data[i + 1], data[i + 2])
    for (let channel = i; channel < i + 3; channel++) {
      const value = Math.fround(grey + scaled[data[channel] - grey + 255])
      data[channel] = value <= 0 ? 0 : value >= 255 ? 255 : value
    }
  }
}

/** `rgb_to_grayscale` with three channels. */
export function toGrayscale({ data }: Pixels): void {
  for (let i = 0; i < data.length; i += 3) data.fill(luma(data[i], data[i + 1], data[i + 2]), i, i + 3)
}

/** Float32 quotients of two bytes: [divisor, dividend]. */
const quotients = new Float32Array(256 * 256)
for (let i = 256; i < quotients.length; i++) quotients[i] = (i & 255) / (i >> 8)

/** Pillow's hue (a byte) of a pixel whose largest channel is `max` and smallest `min`, which must differ. */
function hueByte(red: number, green: number, blue: number, max: number, min: number): number {
  const range = (max - min) << 8
  const r = quotients[range + max - red]
  const g = quotients[range + max - green]
  const b = quotients[range + max - blue]
  const sixths = Math.fround(red === max ? b - g : green === max ? 2 + r - b : 4 + g - r)
  const turns = sixths / 6 + 1
  return (Math.fround(turns >= 1 ? turns - 1 : turns) * 255) | 0
}

/** Of each hue byte: which sixth of the circle it is in, and how far. */
const sectors = new Uint8Array(256)
const rests = new Float32Array(256)
for (let hue = 0; hue < 256; hue++) {
  const exact = (hue * 6) / 255
  sectors[hue] = Math.floor(exact) % 6
  rests[hue] = exact - Math.floor(exact)
}

/** `adjust_hue`: `shift` in turns, -0.5 to 0.5, through Pillow's 8 bit HSV (so that 0 is not quite nothing). */
export function adjustHue({ data }: Pixels, shift: number): void {
  const shiftByte = Math.trunc(shift * 255)
  for (let i = 0; i < data.length; i += 3) {
    const red = data[i]
    const green = data[i + 1]
    const blue = data[i + 2]
    const max = Math.max(red, green, blue)
    const min = Math.min(red, green, blue)
    const saturation = (quotients[(max << 8) + max - min] * 255) | 0
    if (saturation === 0) {
      data[i] = data[i + 1] = data[i + 2] = max
      continue
    }
    const hue = (hueByte(red, green, blue, max, min) + shiftByte) & 255
    const rest = rests[hue]
    const strength = quotients[(255 << 8) + saturation]
    // None is negative: a half more and the fraction cut off is rounding.
    const low = (max * (1 - strength) + 0.5) | 0
    const falling = (max * (1 - Math.fround(strength * rest)) + 0.5) | 0
    const rising = (max * (1 - strength * (1 - rest)) + 0.5) | 0
    switch (sectors[hue]) {
      case 0:
        data[i] = max
        data[i + 1] = rising
        data[i + 2] = low
        break
      case 1:
        data[i] = falling
        data[i + 1] = max
        data[i + 2] = low
        break
      case 2:
        data[i] = low
        data[i + 1] = max
        data[i + 2] = rising
        break
      case 3:
        data[i] = low
        data[i + 1] = falling
        data[i + 2] = max
        break
      case 4:
        data[i] = rising
        data[i + 1] = low
        data[i + 2] = max
        break
      default:
        data[i] = max
        data[i + 1] = low
        data[i + 2] = falling
    }
  }
}
