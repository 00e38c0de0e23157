import { useEffect } from 'react'
import type { Sample } from '../../dataset/types.ts'
import { unwantThumbnail, useThumbnails, wantThumbnail } from '../../store/index.ts'
import classes from './Thumbnail.module.css'

/** A photo as it comes from the loader workers; a quiet placeholder until then. */
export function Thumbnail({ sample, alt, className }: { sample: Sample; alt: string; className?: string }) {
  const url = useThumbnails(({ urls }) => urls.get(sample.path))
  const known = url !== undefined
  useEffect(() => {
    if (known) return
    wantThumbnail(sample)
    return () => unwantThumbnail(sample.path)
  }, [sample, known])
  const name = `${classes.thumbnail} ${className ?? ''}`
  if (url) return <img className={name} src={url} alt={alt} draggable={false} />
  const failed = url === null ? true : undefined
  // Without words it is decoration, like an image with an empty text.
  if (alt === '') return <span className={name} data-failed={failed} aria-hidden="true" />
  return <span className={name} data-failed={failed} role="img" aria-label={alt} />
}
