/**
 * Order of two strings by Unicode code points, as Python and UTF-8 bytes order them. JavaScript's `<` orders by
 * UTF-16 units, which puts an emoji (a surrogate pair, 0xD800 to 0xDFFF) before U+E000 to U+FFFF.
 */
export function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i)
    const unitB = b.charCodeAt(i)
    if (unitA !== unitB) return surrogatesLast(unitA) - surrogatesLast(unitB)
  }
  return a.length - b.length
}

const surrogatesLast = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
