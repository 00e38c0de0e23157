import { useEffect, useState } from 'react'
import type { Sample } from '../../dataset/types.ts'
import { releaseUrl, services } from '../../store/index.ts'

/** Longest side in px: sharp in the panel on a display of twice the density. */
const SIDE = 640

/** The photo as the loaders decode it, upright, in every format that they read; null until it is there. */
export function useLargePhoto(sample: Sample | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (!sample) return
    let made: string | null = null
    let gone = false
    services()
      .thumbnail(sample, SIDE)
      .then((blob) => {
        if (gone) return
        made = URL.createObjectURL(blob)
        setUrl(made)
      })
      // The reason stands where the probabilities would.
      .catch(() => {})
    return () => {
      gone = true
      setUrl(null)
      if (made) releaseUrl(made)
    }
  }, [sample])
  return url
}
