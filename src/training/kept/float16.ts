/** Half precision (IEEE 754 binary16) in arrays of 16-bit words: what browsers' own Float16Array does, where there is none yet. */

const LARGEST = 0x7bff
const INFINITY = 0x7c00
const NOT_A_NUMBER = 0x7e00

/**
 * Rounded to nearest, ties to even: at most 2^-11 of a value off. What is larger than 65504 becomes 65504, so that only
 * an infinity is one afterwards.
 */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < words.length; i++) {
    const sign = (words[i] >>> 16) & 0x8000
    halves[i] = sign | halfOf(words[i] & 0x7fffffff)
  }
  return halves
}

const float = new Float32Array(1)
const word = new Uint32Array(float.buffer)

/** Of a float's magnitude, both as bits. */
function halfOf(magnitude: number): number {
  if (magnitude >= 0x7f800000) return magnitude === 0x7f800000 ? INFINITY : NOT_A_NUMBER
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves are multiples of 2^-24, which is the distance of floats just above 0.5: adding it rounds.
    word[0] = magnitude
    float[0] += 0.5
    return word[0] - 0x3f000000
  }
  // The exponent's bias falls from 127 to 15, and 13 bits of the fraction go.
  const rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)
  return Math.min(LARGEST, rounded >>> 13)
}

let table: Float32Array | null = null

/** Writes what `halves` mean into `floats`, which has as many. */
export function fromFloat16(halves: Uint16Array, floats: Float32Array): void {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => floatOf(half))
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]]
}

function floatOf(half: number): number {
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  const sign = half & 0x8000 ? -1 : 1
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
