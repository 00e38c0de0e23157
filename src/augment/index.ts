/**
 * Photos become pixels: decoded, resized, kept, augmented, with torchvision's operations and order, in loader
 * workers that send batches straight to the trainer. May import `random`, `recipe`, `requests`, and `dataset`'s
 * types, formats and `openPhoto`. Gives `createLoaders` (the page's side), `PhotoLoader` (the trainer's side) and the
 * transforms.
 *
 * All geometry and colour is plain code on RGB bytes and gives Pillow's pixels to the bit, in every browser and
 * in Node; the loops over whole photos are WebAssembly (simd/). A canvas serves only to read a decoded bitmap back: what
 * `drawImage` makes of a scale or a rotation is each browser's own, and off by up to 30 of 255. The bitmap is decoded
 * upright (EXIF), without colour management, and read on white. A JPEG whose decoder gives its planes (jpeg-planes.ts)
 * needs neither bitmap nor canvas and comes to the same bytes. What is left to the browser is the JPEG decoder; HEIC and TIFF, which few browsers
 * decode, have libraries of their own (decoders/), loaded with the first such photo.
 */
export { resizeBitmap } from './decode.ts'
export { createLoaders, type LoaderPool, type LoaderPoolOptions, loaderCount } from './loader-pool.ts'
export { PHOTO_FAILURES, PhotoError, type PhotoFailure, photoFailure } from './photo-error.ts'
export { PhotoLoader } from './photo-loader.ts'
export { removeKeptPhotos } from './photo-pack.ts'
export { applyTransform, augment, keptResize, keptSize, outputSize, validationPixels } from './transform.ts'
export type {
  KeptResize,
  LibraryTime,
  LoaderApi,
  LoaderStats,
  PhotoBatch,
  Pixels,
  Transform,
} from './types.ts'
