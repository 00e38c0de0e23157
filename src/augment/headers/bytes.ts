/** Reading numbers and short texts from bytes. */

export const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to))

/** A view that answers 0 beyond the end, so that a cut-off header reads as such and not as an exception. */
export function reader(bytes: Uint8Array) {
  const at = (i: number) => bytes[i] ?? 0
  const big32 = (i: number) => ((at(i) << 24) | (at(i + 1) << 16) | (at(i + 2) << 8) | at(i + 3)) >>> 0
  const little32 = (i: number) => (at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24)) >>> 0
  return {
    byte: at,
    big16: (i: number) => (at(i) << 8) | at(i + 1),
    big32,
    big64: (i: number) => big32(i) * 2 ** 32 + big32(i + 4),
    little16: (i: number) => at(i) | (at(i + 1) << 8),
    little24: (i: number) => at(i) | (at(i + 1) << 8) | (at(i + 2) << 16),
    little32,
    little64: (i: number) => little32(i + 4) * 2 ** 32 + little32(i),
  }
}
