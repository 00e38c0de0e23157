/**
 * Pixel loops in WebAssembly (assembly/pixels/), over one memory that each call lays out anew: what comes in is copied in,
 * what comes out is copied out, which costs little beside the loops. Imports nothing; gives
 * the two passes of a resize, and the first of them from a JPEG decoder's planes.
 */
export { LEAST_CHROMA_WIDTH, type Planes, resizePlaneRows } from './planes.ts'
export { type PixelRows, resizeColumns, resizeRows, type WeightTable } from './resample.ts'
