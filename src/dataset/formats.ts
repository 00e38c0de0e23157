/** Which files are photos, told by their names. */

/** Formats that browsers decode: JPEG, PNG, WebP, AVIF, GIF (first frame), BMP. */
const PHOTO_EXTENSIONS = new Set(['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'avif', 'gif', 'bmp'])

/** Pictures that a person would count as photos but that browsers do not decode, and what to call them. */
const UNSUPPORTED = new Map([
  ['heic', 'HEIC'],
  ['heif', 'HEIC'],
  ['tif', 'TIFF'],
  ['tiff', 'TIFF'],
  ['jxl', 'JPEG XL'],
  ['jp2', 'JPEG 2000'],
  ['dng', 'DNG'],
  ['cr2', 'Canon RAW'],
  ['cr3', 'Canon RAW'],
  ['nef', 'Nikon RAW'],
  ['arw', 'Sony RAW'],
  ['raf', 'Fujifilm RAW'],
  ['orf', 'Olympus RAW'],
  ['rw2', 'Panasonic RAW'],
  ['psd', 'Photoshop'],
  ['svg', 'SVG'],
])

/** Lower case, without the dot; '' where there is none. */
function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

/** Whether the file's name says that it is a photo that browsers decode. */
export const isPhoto = (path: string): boolean => PHOTO_EXTENSIONS.has(extension(path))

/** The format's name where the file is a picture that browsers do not decode. */
export const unsupportedFormat = (path: string): string | undefined => UNSUPPORTED.get(extension(path))

export const isJson = (path: string): boolean => extension(path) === 'json'

const CACHES = new Set(['thumbs.db', 'desktop.ini'])

/** Files and directories that systems leave about: dot files, macOS's archive folder, Windows' caches. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || (name.length < 12 && CACHES.has(name.toLowerCase()))
}

/** The path without a picture's extension: IMG_1.jpg and IMG_1.heic are the same photo. */
export function withoutExtension(path: string): string {
  return isPhoto(path) || unsupportedFormat(path) ? path.slice(0, path.lastIndexOf('.')) : path
}
