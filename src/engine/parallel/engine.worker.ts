/** A worker with one more wasm engine: what `worker-peer.ts` asks. */
import { expose, transfer } from 'comlink'
import { openWasm } from '../core/index.ts'
import { EngineError } from '../errors.ts'
import { WASM_FILES } from '../wasm-files.ts'
import type { SharingEngine } from './sharing.ts'
import type { Answer, PeerApi } from './worker-peer.ts'

let engine: SharingEngine | null = null
/** Of the engine beside this one: both sum in the same way. */
let kernels: string | undefined

async function answer<T>(
  call: (engine: SharingEngine) => T | Promise<T>,
  buffers: (value: T) => Transferable[] = () => [],
): Promise<Answer<T>> {
  try {
    engine ??= await openWasm(WASM_FILES, kernels)
    const value = await call(engine)
    return transfer({ value }, buffers(value))
  } catch (error) {
    if (error instanceof EngineError) return { failed: error.kind, message: error.message }
    throw error
  }
}

const api: PeerApi = {
  open: (id) => {
    kernels = id
    return answer(() => undefined)
  },
  load: (state) => answer((peer) => peer.load(state)),
  configure: (config, updated) => answer((peer) => peer.configure(config, updated)),
  resetOptimizer: () => answer((peer) => peer.resetOptimizer()),
  backward: (...args) =>
    answer(
      (peer) => peer.backward(...args),
      ({ gradients }) => gradients.map(({ buffer }) => buffer),
    ),
  update: (...args) =>
    answer(
      (peer) => peer.update(...args),
      ({ values }) => [values.buffer],
    ),
  readValues: (names) =>
    answer(
      (peer) => peer.readValues(names),
      ({ buffer }) => [buffer],
    ),
  writeValues: (names, values) => answer((peer) => peer.writeValues(names, values)),
  predict: (inputs) => answer((peer) => peer.predict(inputs)),
  activations: (inputs, boundary) =>
    answer(
      (peer) => peer.activations(inputs, boundary),
      ({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []),
    ),
  gradients: (inputs, labels) => answer((peer) => peer.gradients(inputs, labels)),
  readOptimizer: () => answer((peer) => peer.readOptimizer()),
  loadOptimizer: (state) => answer((peer) => peer.loadOptimizer(state)),
}

expose(api)
