import { useEffect, useState } from 'react'

/** A value once it has not changed for `quiet` ms: what changes ten times a second is not worth being said. */
export function useSettled<Value>(value: Value, quiet = 1200): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), quiet)
    return () => clearTimeout(timer)
  }, [value, quiet])
  return settled
}
