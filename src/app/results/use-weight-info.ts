import { useEffect, useState } from 'react'
import { isBusy, services, useApp } from '../../store/index.ts'
import type { WeightFileInfo } from '../../training/trainer-api.ts'

/** What the weights in use are as a file; null while they are not known, or the network learns. */
export function useWeightInfo(): WeightFileInfo | null {
  const classifier = useApp((state) => state.classifier)
  const busy = useApp(({ run }) => isBusy(run.status))
  const [info, setInfo] = useState<WeightFileInfo | null>(null)
  useEffect(() => {
    setInfo(null)
    if (!classifier || busy) return
    let gone = false
    services()
      .trainer.describeWeights()
      .then((found) => {
        if (!gone) setInfo(found)
      })
      // Nothing to describe: the download says why.
      .catch(() => {})
    return () => {
      gone = true
    }
  }, [classifier, busy])
  return info
}
