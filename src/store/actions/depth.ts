/** After the classifier's run: which depth is worth training next is tried by itself, until something else is wanted. */
import type { DepthReport } from '../../training/depth.ts'
import { services } from '../services.ts'
import { useApp } from '../state.ts'

/** What is going on, if anything. */
let trying: Promise<void> | null = null

/** Tries it for the run that is shown. What goes wrong is not said: going on is offered all the same. */
export function tryDepths(): Promise<void> {
  const { data } = useApp.getState()
  const { dataset } = data
  if (!dataset || trying) return Promise.resolve()
  useApp.setState({ depth: { status: 'trying' } })
  const keep = (report: DepthReport | null) =>
    useApp.setState({ depth: report ? { status: 'tried', report } : { status: 'none' } })
  trying = services()
    .trainer.tryDepths(dataset)
    .then(keep, () => keep(null))
    .finally(() => {
      trying = null
    })
  return trying
}

/** Ends it, where the trainer is wanted for something else. */
export async function leaveDepths(): Promise<void> {
  if (!trying) return
  await services()
    .trainer.stop()
    .catch(() => undefined)
  await trying
}

/** A report belongs to the run that it was made after. */
export function forgetDepths(): void {
  void leaveDepths()
  useApp.setState({ depth: { status: 'none' } })
}
