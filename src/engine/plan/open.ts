/** Opens the plan on this machine's GPU with the kernels that are fastest on it. */
import { EngineUnavailable } from '../errors.ts'
import type { TrainStep } from '../train-step.ts'
import { chooseKernels, FAMILIES, type Precision } from './candidates.ts'
import { deviceTraits, openDevice } from './device.ts'
import { createPlan } from './plan.ts'
import { type Tuning, tune } from './tuner.ts'
import { browserTunings, type TuningStore } from './tuner-store.ts'

export interface OpenPlanOptions {
  /** Id of the kernels to use, from an earlier run; wins over `tuning`. */
  kernels?: string
  /** Kernels are measured for such steps, once an adapter; by default those are taken that should suit the device. */
  tuning?: {
    /** Side of the photos in px. */
    size: number
    /** Photos of a step. */
    batch: number
  }
  /** By default `float32`. */
  precision?: Precision
  gpu?: GPU
  store?: TuningStore | null
}

/**
 * @throws EngineUnavailable where no WebGPU device opens; where `kernels` names what is not there or does not run here.
 */
export async function openPlan({
  kernels,
  tuning,
  precision = 'float32',
  gpu,
  store = browserTunings(),
}: OpenPlanOptions = {}): Promise<TrainStep> {
  const opened = await openDevice(gpu).catch((cause) => {
    throw new EngineUnavailable(`this browser opens no WebGPU device: ${cause}`)
  })
  if (!opened) throw new EngineUnavailable('this browser gives no WebGPU adapter')
  const { device, adapter } = opened
  try {
    const chosen =
      kernels ??
      (tuning
        ? (await tuned(device, tuning, precision, store)).kernels
        : chooseKernels(deviceTraits(device), undefined, precision).id)
    return await createPlan(device, { adapter, kernels: chosen, ownsDevice: true })
  } catch (error) {
    device.destroy()
    throw error
  }
}

/** Sides of photos and batches that are measured: others take the nearest side and the largest batch that is no larger. */
const SIZES = [32, 64, 128, 224, 384]
const LARGEST_BATCH = 32

function measuredShape({ size, batch }: { size: number; batch: number }): { size: number; batch: number } {
  const distance = (side: number) => Math.abs(Math.log(side / size))
  return {
    size: SIZES.reduce((nearest, side) => (distance(side) < distance(nearest) ? side : nearest)),
    batch: 2 ** Math.floor(Math.log2(Math.min(batch, LARGEST_BATCH))),
  }
}

/**
 * Everything that a tuning hangs on: the adapter; what turns WGSL into its programs (a browser does not tell the
 * driver's version beyond the adapter's description, but its own is in its name); the families that there are; what
 * is computed.
 */
function tuningKey(
  adapter: GPUAdapterInfo,
  { size, batch, precision }: { size: number; batch: number; precision: Precision },
): string {
  const { vendor, architecture, device, description } = adapter
  const program = typeof navigator === 'undefined' ? '' : (navigator.userAgent ?? '')
  const families = FAMILIES.map(({ id }) => id).join(',')
  return [vendor, architecture, device, description, program, families, precision, `${size}x${batch}`].join(
    '|',
  )
}

/** Measured in this process, for where nothing can be kept. */
const remembered = new Map<string, Tuning>()

/** The tuning of this adapter for such steps: remembered, kept, or measured now. */
export async function tuned(
  device: GPUDevice,
  steps: { size: number; batch: number },
  precision: Precision,
  store: TuningStore | null,
): Promise<Tuning> {
  const shape = { ...measuredShape(steps), precision }
  const key = tuningKey(device.adapterInfo, shape)
  const known = remembered.get(key) ?? (await store?.get(key).catch(() => null)) ?? null
  if (known?.complete) return known
  const tuning = await tune(device, deviceTraits(device), { ...shape, before: known })
  remembered.set(key, tuning)
  // A browser that keeps nothing tunes in every tab.
  await store?.put(key, tuning).catch(() => undefined)
  return tuning
}
