import { useEffect, useRef, useState } from 'react'
import type { Sample } from '../../dataset/types.ts'
import type { Augmentation } from '../../recipe/index.ts'
import { services } from '../../store/index.ts'

interface Wanted {
  sample: Sample
  augmentation: Augmentation
  seed: number
  count: number
}

/**
 * Draws the views of a photo as stage one's first epochs see it. One request at a time: while it is on its way only the
 * newest wish is kept, so that the views follow a slider as fast as they can be computed, and the last value wins.
 * @param draw is given `count` pictures.
 * @returns whether the photo could not be read.
 */
export function usePreview(wanted: Wanted | null, draw: (images: ImageData[]) => void): boolean {
  const [failed, setFailed] = useState(false)
  const state = useRef<{ next: Wanted | null; busy: boolean; alive: boolean }>({
    next: null,
    busy: false,
    alive: true,
  })
  const drawNow = useRef(draw)
  drawNow.current = draw

  useEffect(() => {
    const { current } = state
    current.alive = true
    return () => {
      current.alive = false
    }
  }, [])

  useEffect(() => {
    const { current } = state
    current.next = wanted
    void follow()

    async function follow(): Promise<void> {
      if (current.busy) return
      current.busy = true
      while (current.next && current.alive) {
        const { sample, augmentation, seed, count } = current.next
        current.next = null
        try {
          const images = await services().preview(sample, augmentation, seed, count)
          if (current.alive) drawNow.current(images)
          setFailed(false)
        } catch {
          setFailed(true)
        }
      }
      current.busy = false
    }
  }, [wanted])
  return failed
}
