/// <reference lib="webworker" />
/** A worker that draws sample photos and encodes them. */
import { expose } from 'comlink'
import { drawPhoto } from './draw.ts'

const api = {
  /** A JPEG file of the photo. */
  async draw(className: string, index: number, size: number): Promise<Blob> {
    const canvas = new OffscreenCanvas(size, size)
    const context = canvas.getContext('2d')
    if (!context) throw new Error('this browser draws no 2D canvas in workers')
    context.putImageData(new ImageData(drawPhoto(className, index, size), size, size), 0, 0)
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
  },
}

export type DrawApi = typeof api

expose(api)
