/** WebGPU in Node: Dawn, with its constants as globals, as the plan expects them. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { create, globals } from 'webgpu'

/** Vulkan's description of SwiftShader in Debian's chromium package. */
const DEBIAN = '/usr/lib/chromium/vk_swiftshader_icd.json'

/**
 * Dawn's entry point, on the software adapter that a Chromium brings where `software` (`chromium` is the path of its
 * program; `VK_ICD_FILENAMES` names another). Keep it for as long as its devices: it is their instance.
 * @param options Dawn's own, e.g. `disable-dawn-features=timestamp_quantization`
 */
export function openDawn(software: boolean, chromium?: string, options: string[] = []): GPU {
  const beside = chromium === undefined ? [] : [join(dirname(chromium), 'vk_swiftshader_icd.json')]
  const found = [DEBIAN, ...beside].find((path) => existsSync(path))
  if (software && found !== undefined) process.env.VK_ICD_FILENAMES ??= found
  Object.assign(globalThis, globals)
  return create(options)
}
