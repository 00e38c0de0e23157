/**
 * A JPEG's planes of luma and chroma from the browser's own decoder, where it gives them (Chromium's ImageDecoder):
 * that spares two ways through the browser's process and back, a bitmap and a canvas. simd/planes.ts makes of them
 * the very pixels that the browser's bitmap would have.
 */
import type { Size } from './pixels.ts'
import { LEAST_CHROMA_WIDTH, type Planes } from './simd/index.ts'

/** A picture of more pixels goes by way of a bitmap, which is read in strips. */
const MOST_PIXELS = 50e6

const SHARED: Partial<Record<string, Planes['shared']>> = {
  I420: { across: 2, down: 2 },
  I422: { across: 2, down: 1 },
  I444: { across: 1, down: 1 },
}

/**
 * Photos that may still come without planes before this browser counts as one that gives none: grey ones and CMYK
 * have none anywhere.
 */
let patience = typeof ImageDecoder === 'undefined' ? 0 : 3

/**
 * What `use` makes of a photo's planes, which are its own only while it runs. Null where there are none, or the photo
 * must be turned: a bitmap is the way then, and tells what is damaged.
 */
export async function withPlanes<T>(
  bytes: Uint8Array<ArrayBuffer>,
  size: Size | null,
  use: (planes: Planes) => T,
): Promise<T | null> {
  if (patience === 0 || !size || size.width * size.height > MOST_PIXELS) return null
  const planes = await decodePlanes(bytes).catch(() => null)
  if (!planes) return null
  try {
    return use(planes)
  } finally {
    if (planes.data.length <= SPARE_BYTES) spare = planes.data
  }
}

async function decodePlanes(data: Uint8Array<ArrayBuffer>): Promise<Planes | null> {
  const decoder = new ImageDecoder({ data, type: 'image/jpeg', colorSpaceConversion: 'none' })
  try {
    const { image } = await decoder.decode()
    return await planesOf(image).finally(() => image.close())
  } finally {
    decoder.close()
  }
}

/** The last photo's buffer serves the next: a new one is filled with zeros first, and collecting it takes time. */
let spare = new Uint8Array(0)
const SPARE_BYTES = 2 ** 24

function bufferOf(length: number): Uint8Array<ArrayBuffer> {
  const buffer = spare.length >= length ? spare : new Uint8Array(length)
  spare = new Uint8Array(0)
  return buffer
}

async function planesOf(frame: VideoFrame): Promise<Planes | null> {
  const { format, colorSpace, visibleRect } = frame
  const shared = SHARED[format ?? '']
  if (!shared) {
    patience--
    return null
  }
  patience = Number.POSITIVE_INFINITY
  // How a JPEG's own matrix is called; any other comes of a conversion.
  if (colorSpace.matrix !== 'smpte170m' || !colorSpace.fullRange) return null
  if (!visibleRect || !isUpright(frame)) return null
  const { width, height } = visibleRect
  if (Math.ceil(width / shared.across) < LEAST_CHROMA_WIDTH) return null
  const data = bufferOf(frame.allocationSize())
  const [y, cb, cr] = await frame.copyTo(data)
  return { width, height, data, layout: [y, cb, cr], shared }
}

/** False too where the browser does not say how the photo lies. */
const isUpright = (frame: VideoFrame): boolean =>
  'rotation' in frame && frame.rotation === 0 && 'flip' in frame && frame.flip === false
