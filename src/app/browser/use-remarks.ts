import { useMemo } from 'react'
import { type Remark, remarksOf } from '../../browser/index.ts'
import { useApp } from '../../store/index.ts'

const none: readonly Remark[] = []

/** What a person should know of this browser; empty until it is found. */
export function useRemarks(): readonly Remark[] {
  const found = useApp((state) => state.browser)
  const remembers = useApp((state) => state.remembers)
  return useMemo(() => {
    if (!found) return none
    const { storage } = found
    // A database that opens may still refuse to write.
    return remarksOf({ ...found, storage: { ...storage, database: storage.database && remembers } })
  }, [found, remembers])
}
