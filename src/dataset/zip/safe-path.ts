/**
 * The path of a zip's entry with `/` between its parts (old Windows tools write `\`), or null where it points outside
 * of the archive: absolute, on a drive, or through `..`.
 */
export function safePath(name: string): string | null {
  const path = name.replaceAll('\\', '/')
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.includes('\0')) return null
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') ? null : parts.join('/')
}
