/** Events come ten times a second; what is costly to draw, or is read by people, changes once a second. */
import { useEffect, useState } from 'react'
import { type AppState, isActive, useApp } from '../../store/index.ts'

/** Milliseconds between two changes during a run. */
const SLOW = 1000

/** @param select a constant function that gives the same value while nothing changed. */
export function useSlowly<T>(select: (state: AppState) => T): T {
  const [value, setValue] = useState(() => select(useApp.getState()))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let readAt = performance.now()
    const read = () => {
      clearTimeout(timer)
      timer = undefined
      readAt = performance.now()
      const newest = select(useApp.getState())
      setValue(() => newest)
    }
    // Something may have happened since the first drawing.
    read()
    const stop = useApp.subscribe((state, before) => {
      if (select(state) === select(before)) return
      if (isActive(state.run.status))
        timer ??= setTimeout(read, Math.max(0, SLOW - (performance.now() - readAt)))
      else read()
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [select])
  return value
}
