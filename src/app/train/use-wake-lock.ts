import { useEffect, useState } from 'react'

export type WakeLock = 'off' | 'held' | 'refused' | 'unavailable'

/**
 * Keeps the screen on while `wanted`. Browsers let go of it whenever the page is hidden: it is asked for again when
 * the page is back.
 */
export function useWakeLock(wanted: boolean): WakeLock {
  const isThere = 'wakeLock' in navigator
  const [state, setState] = useState<'off' | 'held' | 'refused'>('off')
  useEffect(() => {
    if (!wanted || !isThere) return
    let sentinel: WakeLockSentinel | null = null
    let isOver = false
    const hold = async () => {
      if (document.visibilityState !== 'visible') return
      try {
        const held = await navigator.wakeLock.request('screen')
        if (isOver) return await held.release()
        sentinel = held
        setState('held')
      } catch {
        // E.g. a battery that is nearly empty.
        if (!isOver) setState('refused')
      }
    }
    void hold()
    document.addEventListener('visibilitychange', hold)
    return () => {
      isOver = true
      document.removeEventListener('visibilitychange', hold)
      void sentinel?.release()
      setState('off')
    }
  }, [wanted, isThere])
  return isThere ? state : 'unavailable'
}
