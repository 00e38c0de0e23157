const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'dragenter'] as const

/**
 * Calls back once at the first sign that somebody is there (a pointer that moves, a key, something dragged over the
 * page): what comes after the first page is fetched then, ahead of its need. Returns a function that calls it off.
 */
export function onFirstUse(callback: () => void): () => void {
  const off = () => {
    for (const sign of SIGNS) window.removeEventListener(sign, used)
  }
  const used = () => {
    off()
    callback()
  }
  for (const sign of SIGNS) window.addEventListener(sign, used, { passive: true })
  return off
}
