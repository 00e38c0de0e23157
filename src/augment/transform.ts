/**
 * How a photo becomes training or validation pixels, in torchvision's order. Two halves: `keptResize` says to
 * what size a decoded photo is kept (nothing random, done once a photo), `applyTransform` does the rest.
 * Every draw comes from the stream (seed, stage, epoch, path), so neither workers nor timing change a pixel.
 */
import { type Random, shuffled, stream } from '../random/index.ts'
import type { Augmentation, EvaluationTransform } from '../recipe/index.ts'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, toGrayscale } from './color.ts'
import { centerRegion, crop, flipHorizontally, flipVertically, rotate } from './geometry.ts'
import { resize, shortSideSize } from './pillow-resize.ts'
import { type Region, roundHalfEven, type Size } from './pixels.ts'
import type { KeptResize, Pixels, Transform } from './types.ts'

/**
 * The size in which a photo is kept for a transform. Random resized crops are taken from the photo with its
 * short side at most round(1.7 crop), where torchvision crops the original.
 */
export function keptResize(transform: Transform): KeptResize {
  if (transform.kind === 'evaluate')
    return { kind: transform.evaluation.mode, side: transform.evaluation.resize }
  const { geometry } = transform.augmentation
  return geometry.kind === 'resize-rotate-crop'
    ? { kind: 'both', side: geometry.resize }
    : { kind: 'short-at-most', side: Math.round(1.7 * geometry.crop) }
}

/** The kept size of a photo of `width` x `height` px. */
export function keptSize(width: number, height: number, { kind, side }: KeptResize): Size {
  switch (kind) {
    case 'both':
      return { width: side, height: side }
    case 'short':
      return shortSideSize(width, height, side)
    case 'short-at-most':
      return Math.min(width, height) <= side ? { width, height } : shortSideSize(width, height, side)
    case 'long-at-most': {
      const scale = Math.min(1, side / Math.max(width, height))
      return {
        width: Math.max(1, Math.round(width * scale)),
        height: Math.max(1, Math.round(height * scale)),
      }
    }
  }
}

/** Width and height in px of what `applyTransform` gives. */
export function outputSize(transform: Transform): number {
  return transform.kind === 'train' ? transform.augmentation.geometry.crop : transform.evaluation.crop
}

/** RGB pixels [size, size, 3] of a kept photo; `path` is the sample's. The kept photo is not changed. */
export function applyTransform(kept: Pixels, path: string, transform: Transform): Uint8Array {
  if (transform.kind === 'evaluate') return validationPixels(kept, transform.evaluation)
  const { augmentation, seed, stage, epoch } = transform
  return augment(kept, augmentation, stream(seed, stage, epoch, path)).data
}

/** The center of a photo that was resized for validation. */
export function validationPixels(kept: Pixels, evaluation: EvaluationTransform): Uint8Array {
  return crop(kept, centerRegion(kept.width, kept.height, evaluation.crop, evaluation.crop)).data
}

const uniform = (random: Random, low: number, high: number) => low + (high - low) * random()

/**
 * One augmentation of a kept photo. Each operation draws even where it is off, so that switching one on leaves
 * the others as they were.
 */
export function augment(kept: Pixels, augmentation: Augmentation, random: Random): Pixels {
  const pixels = randomGeometry(kept, augmentation.geometry, random)
  if (random() < augmentation.horizontalFlip) flipHorizontally(pixels)
  if (random() < augmentation.verticalFlip) flipVertically(pixels)
  jitterColor(pixels, augmentation.jitter, random)
  if (random() < augmentation.grayscale) toGrayscale(pixels)
  return pixels
}

/** RandomRotation and CenterCrop, or RandomResizedCrop. */
function randomGeometry(kept: Pixels, geometry: Augmentation['geometry'], random: Random): Pixels {
  if (geometry.kind === 'random-resized-crop') {
    const region = randomResizedRegion(kept.width, kept.height, geometry.scale, geometry.ratio, random)
    return resize(kept, geometry.crop, geometry.crop, region)
  }
  const region = centerRegion(kept.width, kept.height, geometry.crop, geometry.crop)
  const degrees = uniform(random, -geometry.rotation, geometry.rotation)
  return degrees === 0 ? crop(kept, region) : rotate(kept, degrees, region)
}

/** `RandomResizedCrop.get_params`: ten tries for a crop of random area and ratio, else the largest central one. */
export function randomResizedRegion(
  width: number,
  height: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  random: Random,
): Region {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * uniform(random, scale[0], scale[1])
    const aspect = Math.exp(uniform(random, Math.log(ratio[0]), Math.log(ratio[1])))
    const cropWidth = roundHalfEven(Math.sqrt(area * aspect))
    const cropHeight = roundHalfEven(Math.sqrt(area / aspect))
    if (cropWidth > 0 && cropWidth <= width && cropHeight > 0 && cropHeight <= height) {
      const top = Math.floor(random() * (height - cropHeight + 1))
      const left = Math.floor(random() * (width - cropWidth + 1))
      return { left, top, width: cropWidth, height: cropHeight }
    }
  }
  let cropWidth = width
  let cropHeight = height
  if (width / height < ratio[0]) cropHeight = roundHalfEven(width / ratio[0])
  else if (width / height > ratio[1]) cropWidth = roundHalfEven(height * ratio[1])
  return {
    left: Math.floor((width - cropWidth) / 2),
    top: Math.floor((height - cropHeight) / 2),
    width: cropWidth,
    height: cropHeight,
  }
}

const COLOR_OPERATIONS = ['brightness', 'contrast', 'saturation', 'hue'] as const

/** ColorJitter: its four operations in random order; an operation whose range is 0 is left out. */
function jitterColor(pixels: Pixels, jitter: Augmentation['jitter'], random: Random): void {
  const order = shuffled(COLOR_OPERATIONS, random)
  const factor = (range: number) => uniform(random, Math.max(0, 1 - range), 1 + range)
  const brightness = factor(jitter.brightness)
  const contrast = factor(jitter.contrast)
  const saturation = factor(jitter.saturation)
  const hue = uniform(random, -jitter.hue, jitter.hue)
  for (const operation of order) {
    if (jitter[operation] === 0) continue
    if (operation === 'brightness') adjustBrightness(pixels, brightness)
    else if (operation === 'contrast') adjustContrast(pixels, contrast)
    else if (operation === 'saturation') adjustSaturation(pixels, saturation)
    else adjustHue(pixels, hue)
  }
}
