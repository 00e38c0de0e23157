/** What a decoder of ours gives: upright pixels that need no background any more. */
export interface OpaqueImage {
  width: number
  height: number
  /** RGBX bytes [height, width, 4]; the fourth is never read. */
  data: Uint8ClampedArray
}

/** A colour value laid on white, as a picture of this opacity (0 to 255) shows it. */
export const onWhite = (value: number, opacity: number): number =>
  Math.round((value * opacity + 255 * (255 - opacity)) / 255)
