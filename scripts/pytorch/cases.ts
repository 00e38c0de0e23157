/** What is compared: photos, start weights and recipes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { stream } from '../../src/random/index.ts'
import { type OptimizerRecipe, presetRecipe, type Recipe } from '../../src/recipe/index.ts'
import { openWeightFile, startState, writeWeightFile } from '../../src/weights/index.ts'
import { drawPhoto } from '../../tests/drawn-photos/draw.ts'
import { drawnPhotos } from '../../tests/drawn-photos/photo-set.ts'
import { ROOT } from '../build.mjs'

/** Photos already at the training size, in px. */
export const SIZE = 64

/** Drawn photos with noise (the classes are too easy otherwise): 65 + 25, as PNG of 64 px. */
export function writePngPhotos(folder: string): void {
  for (const { path, className, index } of drawnPhotos(13, 5)) {
    const png = new PNG({ width: SIZE, height: SIZE })
    png.data.set(noisy(drawPhoto(className, index, SIZE), path))
    write(join(folder, path.replace(/\.\w+$/, '.png')), PNG.sync.write(png, { colorType: 2 }))
  }
}

/** Drawn photos as JPEG of many sizes and shapes, every EXIF orientation among them. */
export function writeJpegPhotos(folder: string): void {
  drawnPhotos(12, 6).forEach(({ path, className, index }, count) => {
    const width = 90 + ((count * 37) % 140)
    const height = count % 3 === 0 ? width : Math.round(width * 0.7)
    const data = noisy(drawPhoto(className, index, width), path).subarray(0, width * height * 4)
    const file = jpeg.encode({ data, width, height }, 92).data
    write(join(folder, path.replace(/\.\w+$/, '.jpg')), withOrientation(file, 1 + (count % 8)))
  })
}

function noisy(rgba: Uint8Array | Uint8ClampedArray, path: string): Uint8Array {
  const random = stream('noise', path)
  return Uint8Array.from(rgba, (value, i) =>
    i % 4 === 3 ? 255 : Math.max(0, Math.min(255, Math.round(value * 0.8 + 25 + (random() - 0.5) * 80))),
  )
}

/** The JPEG file with an APP1 segment of one EXIF entry: orientation, 1 to 8. */
function withOrientation(file: Uint8Array, orientation: number): Uint8Array {
  // TIFF header (big-endian), one directory with one entry: tag 0x0112, type SHORT, one value.
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]
  return Uint8Array.from([
    ...file.subarray(0, 2),
    0xff,
    0xe1,
    0,
    exif.length + 2,
    ...exif,
    ...file.subarray(2),
  ])
}

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}

/** The built-in weights with a classifier that fits these classes. */
export function writeStartWeights(path: string, classes: readonly string[]): void {
  const builtin = openWeightFile(
    readFileSync(join(ROOT, 'public', 'models', 'resnet18-imagenet.safetensors')),
  )
  const labels = classes.map((name) => ({ id: name, name }))
  const { state } = startState(builtin, labels, 1)
  write(
    path,
    writeWeightFile(state, {
      classes: [...classes],
      preprocessing: null,
      recipe: null,
      accuracy: null,
      version: null,
    }),
  )
}

/** Adam on all layers is where two builds of PyTorch differ by 0.8 %. */
export interface Bound {
  train: { relative: number; absolute: number }
  valid: { relative: number; absolute: number }
  photos: number
}
const CLOSE: Bound = {
  train: { relative: 0.005, absolute: 2e-3 },
  valid: { relative: 0.005, absolute: 2e-3 },
  photos: 1,
}
const LOOSE: Bound = {
  train: { relative: 0.02, absolute: 1e-2 },
  valid: { relative: 0.03, absolute: 0 },
  photos: 3,
}

const sgd = (learningRate: number, momentum: number): OptimizerRecipe => ({
  kind: 'sgd',
  learningRate,
  weightDecay: 0,
  momentum,
  stageScale: {},
})
const adam = (learningRate: number): OptimizerRecipe => ({ ...sgd(learningRate, 0), kind: 'adam' })

export interface Case {
  /** What `--case` calls it. */
  id: string
  name: string
  head: OptimizerRecipe
  all: OptimizerRecipe
  bounds: { head: Bound; all: Bound }
}
export const CASES: readonly Case[] = [
  { id: 'sgd', name: 'SGD', head: sgd(0.002, 0), all: sgd(0.002, 0), bounds: { head: CLOSE, all: CLOSE } },
  {
    id: 'momentum',
    name: 'SGD, momentum 0.9',
    head: sgd(0.001, 0.9),
    all: sgd(0.001, 0.9),
    bounds: { head: CLOSE, all: CLOSE },
  },
  { id: 'adam', name: 'Adam', head: adam(0.001), all: adam(0.0001), bounds: { head: CLOSE, all: LOOSE } },
]

/** Augmentation and shuffle off, batch 20 (65 and 25 photos: uneven), StepLR every 2 epochs, 5 + 5 epochs. */
export function recipeOf({ head, all }: Case): Recipe {
  const course = presetRecipe('course')
  const common = { epochs: 5, schedule: { kind: 'step', every: 2, gamma: 0.1 } } as const
  return {
    ...course,
    augmentation: {
      geometry: { kind: 'resize-rotate-crop', resize: SIZE, rotation: 0, crop: SIZE },
      horizontalFlip: 0,
      verticalFlip: 0,
      jitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0 },
      grayscale: 0,
    },
    evaluation: { mode: 'both', resize: SIZE, crop: SIZE },
    batch: 20,
    shuffle: false,
    stages: {
      ...course.stages,
      head: { ...course.stages.head, ...common, optimizer: head },
      all: { ...course.stages.all, ...common, optimizer: all },
    },
  }
}
