/** A camera that sees a picture: Chromium's fake camera plays a YUV4MPEG2 file (`--use-file-for-fake-video-capture`). */
import { writeFile } from 'node:fs/promises'

const WIDTH = 640
const HEIGHT = 480
/** Frames in the file, which is played over and over; a single one is not taken. */
const FRAMES = 4

/** The middle of the camera's picture is a square photo, its pixels repeated where it is smaller. */
export async function writeVideo(file: string, photo: { data: Uint8Array; width: number }): Promise<void> {
  const scale = Math.floor(HEIGHT / photo.width)
  const side = scale * photo.width
  const left = (WIDTH - side) >> 1
  const top = (HEIGHT - side) >> 1
  const colorAt = (x: number, y: number): [number, number, number] => {
    if (x < left || y < top || x >= left + side || y >= top + side) return [128, 128, 128]
    const [column, row] = [Math.floor((x - left) / scale), Math.floor((y - top) / scale)]
    const [r, g, b] = photo.data.subarray(4 * (row * photo.width + column))
    return [r, g, b]
  }
  // BT.601, studio range: luma of each pixel, the two colour differences of each block of 2 x 2.
  const luma = Buffer.alloc(WIDTH * HEIGHT)
  const blue = Buffer.alloc((WIDTH * HEIGHT) / 4)
  const red = Buffer.alloc((WIDTH * HEIGHT) / 4)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [r, g, b] = colorAt(x, y)
      luma[y * WIDTH + x] = 16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256
      if (x % 2 || y % 2) continue
      const block = (y / 2) * (WIDTH / 2) + x / 2
      blue[block] = 128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256
      red[block] = 128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256
    }
  const frame = [Buffer.from('FRAME\n'), luma, blue, red]
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)
  await writeFile(file, Buffer.concat([header, ...Array.from({ length: FRAMES }, () => frame).flat()]))
}
