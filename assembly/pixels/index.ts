/**
 * Loops over pixels, in AssemblyScript: Pillow's resampling, and what libjpeg does after its inverse DCT. All of it is
 * the integer arithmetic of those two libraries, so it gives their bytes in every browser. `npm run build:wasm`
 * compiles them into `src/augment/simd/module.ts`; arguments are pointers and counts. The loops read and write up to 63
 * bytes beyond what they are given.
 */
export { toRgbx, upsample } from './jpeg'
export { horizontal, vertical } from './resample'
