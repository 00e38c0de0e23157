import { useCallback, useEffect, useRef, useState } from 'react'

/** To get into the picture, in s. */
const READY = 3
/** Of recording, in s. */
const LENGTH = 4

export interface HandsFree {
  /** Seconds until the recording begins; null where none was asked for, or it has begun. */
  seconds: number | null
  start(): void
  cancel(): void
}

/** A recording that begins and ends by itself, for who needs both hands or cannot hold a button. */
export function useHandsFree(begin: () => void, end: () => void): HandsFree {
  const [seconds, setSeconds] = useState<number | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const latest = useRef({ begin, end })
  latest.current = { begin, end }

  const cancel = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current)
    timer.current = null
    setSeconds(null)
    latest.current.end()
  }, [])
  const start = useCallback(() => {
    const count = (left: number) => {
      setSeconds(left > 0 ? left : null)
      if (left > 0) timer.current = setTimeout(() => count(left - 1), 1000)
      else {
        latest.current.begin()
        timer.current = setTimeout(cancel, 1000 * LENGTH)
      }
    }
    count(READY)
  }, [cancel])
  useEffect(() => cancel, [cancel])
  return { seconds, start, cancel }
}
