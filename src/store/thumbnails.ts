/** Thumbnails as they come from the loader workers: a bounded cache of object URLs. */
import { create } from 'zustand'
import type { Sample } from '../dataset/types.ts'
import { mergeEvents } from './merge-events.ts'
import { releaseUrl } from './object-url.ts'
import { services } from './services.ts'

/** Longest side in px: sharp at 64 px on a display of twice the density. */
export const THUMBNAIL_SIDE = 128
const KEPT = 1500
const AT_ONCE = 6

/** Path -> object URL, or null for a photo that cannot be shown. */
export const useThumbnails = create<{ urls: ReadonlyMap<string, string | null> }>(() => ({ urls: new Map() }))

let generation = 0
let running = 0
const waiting = new Map<string, Sample>()
const asked = new Set<string>()

const updates = mergeEvents<{ path: string; url: string | null; generation: number }>((arrived) => {
  useThumbnails.setState(({ urls }) => {
    const next = new Map(urls)
    for (const { path, url, generation: made } of arrived) {
      if (made === generation) next.set(path, url)
      else if (url) releaseUrl(url)
    }
    for (const [path, url] of next) {
      if (next.size <= KEPT) break
      if (url) releaseUrl(url)
      next.delete(path)
      asked.delete(path)
    }
    return { urls: next }
  })
})

/** Asks for a photo's thumbnail once; the newest wishes come first, because they are in sight. */
export function wantThumbnail(sample: Sample): void {
  if (asked.has(sample.path)) return
  asked.add(sample.path)
  waiting.set(sample.path, sample)
  pump()
}

/** A photo that scrolled out of sight before its turn need not be decoded. */
export function unwantThumbnail(path: string): void {
  if (waiting.delete(path)) asked.delete(path)
}

/** A thumbnail that was made elsewhere, under the path by which it will be asked for. */
export function giveThumbnail(path: string, thumbnail: Blob): void {
  asked.add(path)
  updates.push({ path, url: URL.createObjectURL(thumbnail), generation })
}

export function clearThumbnails(): void {
  generation++
  waiting.clear()
  asked.clear()
  for (const url of useThumbnails.getState().urls.values()) if (url) releaseUrl(url)
  useThumbnails.setState({ urls: new Map() })
}

function pump(): void {
  while (running < AT_ONCE && waiting.size > 0) {
    const sample = [...waiting.values()][waiting.size - 1]
    waiting.delete(sample.path)
    const made = generation
    running++
    services()
      .thumbnail(sample, THUMBNAIL_SIDE)
      .then((blob) => URL.createObjectURL(blob))
      .catch(() => null)
      .then((url) => {
        running--
        updates.push({ path: sample.path, url, generation: made })
        pump()
      })
  }
}
