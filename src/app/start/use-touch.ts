import { useSyncExternalStore } from 'react'

const query = window.matchMedia('(hover: none) and (pointer: coarse)')

const listen = (changed: () => void) => {
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

/** Whether fingers are all there is: then nothing can be dropped. */
export const useTouch = (): boolean => useSyncExternalStore(listen, () => query.matches)
