/** Opens a GPU device with all that the plan (and TF.js's backend on the same device) can use. */
import type { DeviceTraits } from './kernels/kernel.ts'

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const

const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'] as const satisfies readonly GPUFeatureName[]

export interface OpenDevice {
  device: GPUDevice
  /** For people: vendor, architecture and description as the browser tells them. */
  adapter: string
}

export const describeAdapter = ({ vendor, architecture, description }: GPUAdapterInfo): string =>
  [vendor, architecture, description].filter((text) => text !== '').join(' ') || 'unknown adapter'

/** The high-performance adapter's device with its own limits, or null where there is no WebGPU adapter. */
export async function openDevice(
  gpu: GPU | undefined = globalThis.navigator?.gpu,
): Promise<OpenDevice | null> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return null
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature))
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits })
  return { device, adapter: describeAdapter(adapter.info) }
}

/** What of a device decides which kernels it can run. */
export const deviceTraits = ({ adapterInfo, features, limits }: GPUDevice): DeviceTraits =>
  traitsOf(adapterInfo, features, limits)

/** Of the device that `openDevice` would open; null where there is none. */
export async function adapterTraits(
  gpu: GPU | undefined = globalThis.navigator?.gpu,
): Promise<DeviceTraits | null> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  return adapter ? traitsOf(adapter.info, adapter.features, adapter.limits) : null
}

function traitsOf(
  info: GPUAdapterInfo,
  features: GPUSupportedFeatures,
  limits: GPUSupportedLimits,
): DeviceTraits {
  const { isFallbackAdapter, subgroupMinSize, subgroupMaxSize } = info
  const oneSize = features.has('subgroups') && subgroupMinSize > 0 && subgroupMinSize === subgroupMaxSize
  return {
    software: isFallbackAdapter,
    subgroupSize: oneSize ? subgroupMinSize : null,
    f16: features.has('shader-f16'),
    workgroupStorage: limits.maxComputeWorkgroupStorageSize,
    invocations: limits.maxComputeInvocationsPerWorkgroup,
  }
}
