import { openPlan } from '../src/engine/plan/index.ts'

/** Id of the kernels that the tuner finds for such steps here; measured once an adapter, then kept by the browser. */
export async function tunedKernels(size: number, batch: number): Promise<string> {
  await using plan = await openPlan({ tuning: { size, batch } })
  return plan.description.kernels
}
