/** A camera's pictures to classes, through the page's own steps. */
import { wrap } from 'comlink'
import { closeCamera, openCamera, squareGrabber } from '../../src/classify/index.ts'
import { presetRecipe } from '../../src/recipe/index.ts'
import { median } from '../timing.ts'
import type { TrainingApi, WebcamTiming } from './protocol.ts'

/** Compile and pack. */
const WARM = 5

export async function classifyCamera(engine: 'webgpu' | 'wasm', pictures: number): Promise<WebcamTiming> {
  const worker = new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' })
  const video = document.createElement('video')
  const stream = await openCamera()
  try {
    const classifier = wrap<TrainingApi>(worker)
    await classifier.openClassifier(engine)
    video.srcObject = stream
    video.muted = true
    await video.play()
    const grab = squareGrabber(() => video, presetRecipe('course').evaluation)
    const times = { grab: [0], classify: [0], whole: [0] }
    for (let i = -WARM; i < pictures; i++) {
      const start = performance.now()
      const picture = await grab()
      if (!picture) throw new Error('the camera gives no picture')
      const grabbed = performance.now()
      await classifier.classify(picture.pixels, picture.size)
      const done = performance.now()
      if (i >= 0) {
        times.grab[i] = grabbed - start
        times.classify[i] = done - grabbed
        times.whole[i] = done - start
      }
      await new Promise(requestAnimationFrame)
    }
    return {
      grab: median(times.grab),
      classify: median(times.classify),
      whole: median(times.whole),
      width: video.videoWidth,
      height: video.videoHeight,
    }
  } finally {
    closeCamera(stream)
    worker.terminate()
  }
}
