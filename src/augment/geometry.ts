/** Crop, rotation and flips with the pixels that torchvision gives for Pillow pictures. */
import { type Region, roundHalfEven } from './pixels.ts'
import type { Pixels } from './types.ts'

/** torchvision's `center_crop`: where it lies. A crop larger than the picture reaches beyond it. */
export function centerRegion(width: number, height: number, cropWidth: number, cropHeight: number): Region {
  const start = (size: number, crop: number) =>
    crop > size ? -Math.floor((crop - size) / 2) : roundHalfEven((size - crop) / 2)
  return {
    left: start(width, cropWidth),
    top: start(height, cropHeight),
    width: cropWidth,
    height: cropHeight,
  }
}

/** The pixels of a region; black where it reaches beyond the picture. */
export function crop(pixels: Pixels, region: Region): Pixels {
  const { width, height } = region
  const data = new Uint8Array(width * height * 3)
  const from = Math.max(0, region.left)
  const to = Math.min(pixels.width, region.left + width)
  for (let y = 0; y < height; y++) {
    const sourceY = region.top + y
    if (to <= from || sourceY < 0 || sourceY >= pixels.height) continue
    const row = sourceY * pixels.width
    data.set(pixels.data.subarray((row + from) * 3, (row + to) * 3), (y * width + from - region.left) * 3)
  }
  return { width, height, data }
}

/** Pillow's `round(value, 15)` of a sine or cosine. */
const round15 = (value: number) => Number(value.toFixed(15))

/**
 * The picture turned by `degrees` (positive is counter-clockwise) about its center at the same size, black
 * corners, bilinear: `Image.rotate` and `bilinear_filter32RGB` of Pillow's `Geometry.c`, in doubles. Only the
 * pixels of `region` are computed; they are those of rotating the whole and cropping then.
 */
export function rotate(
  pixels: Pixels,
  degrees: number,
  region: Region = { left: 0, top: 0, width: pixels.width, height: pixels.height },
): Pixels {
  const { width, height, data } = pixels
  const angle = (-(((degrees % 360) + 360) % 360) * Math.PI) / 180
  const a = round15(Math.cos(angle))
  const b = round15(Math.sin(angle))
  const d = round15(-Math.sin(angle))
  const centerX = width / 2
  const centerY = height / 2
  const c = a * -centerX + b * -centerY + centerX
  const f = d * -centerX + a * -centerY + centerY
  const result = new Uint8Array(region.width * region.height * 3)
  const last = { x: (width - 1) * 3, y: (height - 1) * width * 3 }

  for (let outY = 0; outY < region.height; outY++) {
    const y = region.top + outY
    if (y < 0 || y >= height) continue
    const [rowX, rowY] = [b * (y + 0.5), a * (y + 0.5)]
    let at = outY * region.width * 3
    for (let x = region.left; x < region.left + region.width; x++, at += 3) {
      if (x < 0 || x >= width) continue
      // From the middle of the result's pixel back to the source.
      let sourceX = a * (x + 0.5) + rowX + c
      let sourceY = d * (x + 0.5) + rowY + f
      if (sourceX < 0 || sourceX >= width || sourceY < 0 || sourceY >= height) continue
      sourceX -= 0.5
      sourceY -= 0.5
      const left = Math.floor(sourceX) | 0
      const top = Math.floor(sourceY) | 0
      const dx = sourceX - left
      const dy = sourceY - top
      const x0 = Math.max(left * 3, 0)
      const x1 = Math.min(left * 3 + 3, last.x)
      const row0 = Math.max(top * width * 3, 0)
      const row1 = Math.min((top + 1) * width * 3, last.y)
      for (let channel = 0; channel < 3; channel++) {
        const p = data[row0 + x0 + channel]
        const q = data[row1 + x0 + channel]
        const upper = p + (data[row0 + x1 + channel] - p) * dx
        const lower = q + (data[row1 + x1 + channel] - q) * dx
        result[at + channel] = upper + (lower - upper) * dy
      }
    }
  }
  return { width: region.width, height: region.height, data: result }
}

/** Left and right change places, in place. */
export function flipHorizontally({ width, height, data }: Pixels): void {
  for (let y = 0; y < height; y++) {
    let left = y * width * 3
    let right = left + (width - 1) * 3
    for (; left < right; left += 3, right -= 3)
      for (let channel = 0; channel < 3; channel++) {
        const held = data[left + channel]
        data[left + channel] = data[right + channel]
        data[right + channel] = held
      }
  }
}

/** Top and bottom change places, in place. */
export function flipVertically({ width, height, data }: Pixels): void {
  const rowBytes = width * 3
  for (let top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    const held = data.slice(top * rowBytes, (top + 1) * rowBytes)
    data.copyWithin(top * rowBytes, bottom * rowBytes, (bottom + 1) * rowBytes)
    data.set(held, bottom * rowBytes)
  }
}
