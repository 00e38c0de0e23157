/** Letters from bytes that do not say how they are written: file names in old zips, tables saved by a spreadsheet. */

/** What Windows writes with, by the person's language. */
const OLD_ENCODINGS = new Map([
  ['zh-tw', 'big5'],
  ['zh-hk', 'big5'],
  ['zh', 'gb18030'],
  ['ja', 'shift_jis'],
  ['ko', 'euc-kr'],
  ['ru', 'windows-1251'],
])

const strict = (encoding: string, bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * The text of these bytes: as a byte-order mark says, UTF-8 where they are valid so, else the old encoding of
 * `language` (BCP 47); undefined where none fits.
 */
export function decodeText(bytes: Uint8Array, language: string): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return strict('utf-16le', bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return strict('utf-16be', bytes)
  const tag = language.toLowerCase()
  const old = OLD_ENCODINGS.get(tag) ?? OLD_ENCODINGS.get(tag.split('-')[0])
  return strict('utf-8', bytes) ?? (old && strict(old, bytes))
}
