/**
 * The windows of a convolution as rows of a matrix, [photos * out rows * out columns][kernel rows][kernel columns *
 * channels], and back. Photos are NHWC.
 */

function copy(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from))
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from))
}

function clear(to: usize, bytes: usize): void {
  const zero = f32x4.splat(0)
  const end = to + bytes
  for (; to + 16 <= end; to += 16) v128.store(to, zero)
  for (; to < end; to += 4) store<f32>(to, 0)
}

function addTo(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from))
}

export function gather(
  x: usize,
  to: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  kernel: i32,
  stride: i32,
  padding: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const length = (kernel as usize) * pixel
  for (let photo = 0; photo < count; photo++)
    for (let outRow = 0; outRow < outHeight; outRow++)
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * stride - padding
        const first = min(max(0, left), left + kernel)
        const before = ((first - left) as usize) * pixel
        const inside = (max(0, min(width, left + kernel) - first) as usize) * pixel
        for (let i = 0; i < kernel; i++) {
          const y = outRow * stride - padding + i
          if (y < 0 || y >= height) clear(to, length)
          else {
            clear(to, before)
            copy(to + before, x + ((photo * height + y) as usize) * row + (first as usize) * pixel, inside)
            clear(to + before + inside, length - before - inside)
          }
          to += length
        }
      }
}

/** Adds each window's row to the pixels under it. */
export function scatter(
  from: usize,
  dx: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  kernel: i32,
  stride: i32,
  padding: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const length = (kernel as usize) * pixel
  for (let photo = 0; photo < count; photo++)
    for (let outRow = 0; outRow < outHeight; outRow++)
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * stride - padding
        const first = min(max(0, left), left + kernel)
        const before = ((first - left) as usize) * pixel
        const inside = (max(0, min(width, left + kernel) - first) as usize) * pixel
        for (let i = 0; i < kernel; i++) {
          const y = outRow * stride - padding + i
          if (y >= 0 && y < height)
            addTo(
              dx + ((photo * height + y) as usize) * row + (first as usize) * pixel,
              from + before,
              inside,
            )
          from += length
        }
      }
}
