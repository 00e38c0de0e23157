/** Rectangles of pixels: where they lie, and Python's rounding, which decides where torchvision's crops begin. */

/** A rectangle in px; it may reach beyond the picture. */
export interface Region {
  left: number
  top: number
  width: number
  height: number
}

export interface Size {
  width: number
  height: number
}

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
