/** Object URLs that images or downloads may still be loading. */

/** ms that a busy machine may take to load what stands under an address. */
const GRACE = 60_000

/** Frees an object URL a while later: an image or a download whose address goes while it loads fails with an error. */
export function releaseUrl(url: string): void {
  setTimeout(() => URL.revokeObjectURL(url), GRACE)
}
