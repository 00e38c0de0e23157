/**
 * Which files count as photos, told by their names: a folder of thousands is listed without opening one. What a file
 * really is, its bytes tell when it is decoded (`augment`).
 */

/** Formats that browsers decode: JPEG, PNG, WebP, AVIF, GIF (first frame), BMP. */
const BROWSER_EXTENSIONS = new Set(['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'avif', 'gif', 'bmp'])

/** Formats that a library decodes where the browser does not, which takes far longer, and what to call them. */
const LIBRARY_EXTENSIONS = new Map<string, LibraryFormatName>([
  ['heic', 'HEIC'],
  ['heif', 'HEIC'],
  ['hif', 'HEIC'],
  ['tif', 'TIFF'],
  ['tiff', 'TIFF'],
])

export type LibraryFormatName = 'HEIC' | 'TIFF'

/** Pictures that a person would count as photos but that are not decoded here, and what to call them. */
const UNSUPPORTED = new Map([
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

/** Whether the file's name says that it is a photo. */
export function isPhoto(path: string): boolean {
  const ending = extension(path)
  return BROWSER_EXTENSIONS.has(ending) || LIBRARY_EXTENSIONS.has(ending)
}

/** The format's name where a library may have to decode the photo. */
export const libraryFormat = (path: string): LibraryFormatName | undefined =>
  LIBRARY_EXTENSIONS.get(extension(path))

/** The format's name where the file is a picture that is not decoded here. */
export const unsupportedFormat = (path: string): string | undefined => UNSUPPORTED.get(extension(path))

export const isJson = (path: string): boolean => extension(path) === 'json'

/** A table that may say which photo belongs to which class. */
export const isTable = (path: string): boolean => ['csv', 'tsv'].includes(extension(path))

export const isZip = (path: string): boolean => extension(path) === 'zip'

const ARCHIVES = new Set(['zip', 'rar', '7z', 'tar', 'gz', 'tgz', 'bz2', 'xz', 'zst'])

/** Files that hold files: photos may be in there, unseen. */
export const isArchive = (path: string): boolean => ARCHIVES.has(extension(path))

const CACHES = new Set(['thumbs.db', 'desktop.ini'])

/** Files and directories that systems leave about: dot files, macOS's archive folder, Windows' caches. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || (name.length < 12 && CACHES.has(name.toLowerCase()))
}

/** The path without a picture's extension: IMG_1.jpg and IMG_1.heic are the same photo. */
export function withoutExtension(path: string): string {
  return isPhoto(path) || unsupportedFormat(path) ? path.slice(0, path.lastIndexOf('.')) : path
}
