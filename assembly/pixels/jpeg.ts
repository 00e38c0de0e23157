/** Rows of a JPEG's planes to pixels. */

/**
 * Fancy upsampling (`h2v2_fancy_upsample` and `h2v1_fancy_upsample` of libjpeg's jdsample.c) of one row of chroma:
 * `width` samples become twice as many. Each result is 3/4 of its own sample and 1/4 of its neighbour, after the same
 * was done with the two nearest rows (`far` is `near` where chroma has every row). The sums of the rows go to `sums`.
 */
export function upsample(
  near: usize,
  far: usize,
  width: usize,
  biasEven: i16,
  biasOdd: i16,
  sums: usize,
  out: usize,
): void {
  const three = i16x8.splat(3)
  for (let i: usize = 0; i < width; i += 8) {
    const nearSamples = i16x8.extend_low_i8x16_u(v128.load64_zero(near + i))
    const farSamples = i16x8.extend_low_i8x16_u(v128.load64_zero(far + i))
    v128.store(sums + (i << 1), i16x8.add(i16x8.mul(nearSamples, three), farSamples))
  }
  // Beyond both ends the last sample goes on.
  const end = sums + (width << 1)
  store<u16>(sums - 2, load<u16>(sums))
  store<u16>(end, load<u16>(end - 2))
  const forEven = i16x8.splat(biasEven)
  const forOdd = i16x8.splat(biasOdd)
  for (let at = sums; at < end; at += 16) {
    const thrice = i16x8.mul(v128.load(at), three)
    const even = i16x8.shr_u(i16x8.add(i16x8.add(thrice, v128.load(at - 2)), forEven), 4)
    const odd = i16x8.shr_u(i16x8.add(i16x8.add(thrice, v128.load(at + 2)), forOdd), 4)
    v128.store(out, v128.or(even, i16x8.shl(odd, 8)))
    out += 16
  }
}

/** What chroma adds to luma of 8 pixels: Cb and Cr, side by side, by two factors of 65,536ths, rounded. */
function chroma(low: v128, high: v128, factors: v128): v128 {
  const half = i32x4.splat(32768)
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, factors), half), 16),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, factors), half), 16),
  )
}

/**
 * `ycc_rgb_convert` of libjpeg's jdcolor.c: a row of `width` samples of luma, Cb and Cr becomes RGBX. Its factors that
 * are too large for 16 bits have their whole part taken out: 1.402 = 1 + 26345 / 65536, 1.772 = 2 - 14942 / 65536,
 * 0.71414 = 1 - 18734 / 65536.
 */
export function toRgbx(y: usize, cb: usize, cr: usize, width: usize, out: usize): void {
  const middle = i16x8.splat(128)
  const ofRed = i16x8(0, 26345, 0, 26345, 0, 26345, 0, 26345)
  const ofGreen = i16x8(-22554, 18734, -22554, 18734, -22554, 18734, -22554, 18734)
  const ofBlue = i16x8(-14942, 0, -14942, 0, -14942, 0, -14942, 0)
  for (let i: usize = 0; i < width; i += 8) {
    const luma = i16x8.extend_low_i8x16_u(v128.load64_zero(y + i))
    const blue = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(cb + i)), middle)
    const red = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(cr + i)), middle)
    const low = v128.shuffle<i16>(blue, red, 0, 8, 1, 9, 2, 10, 3, 11)
    const high = v128.shuffle<i16>(blue, red, 4, 12, 5, 13, 6, 14, 7, 15)
    const r = i16x8.add(i16x8.add(luma, red), chroma(low, high, ofRed))
    const g = i16x8.add(i16x8.sub(luma, red), chroma(low, high, ofGreen))
    const b = i16x8.add(i16x8.add(luma, i16x8.shl(blue, 1)), chroma(low, high, ofBlue))
    // Interleaved in two steps, each one instruction on x86: reds and blues with the greens, then both.
    const redsBlues = i8x16.narrow_i16x8_u(r, b)
    const greens = i8x16.narrow_i16x8_u(g, g)
    const rg = v128.shuffle<i8>(redsBlues, greens, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const bg = v128.shuffle<i8>(
      redsBlues,
      greens,
      8,
      24,
      9,
      25,
      10,
      26,
      11,
      27,
      12,
      28,
      13,
      29,
      14,
      30,
      15,
      31,
    )
    v128.store(out, v128.shuffle<i16>(rg, bg, 0, 8, 1, 9, 2, 10, 3, 11))
    v128.store(out + 16, v128.shuffle<i16>(rg, bg, 4, 12, 5, 13, 6, 14, 7, 15))
    out += 32
  }
}
