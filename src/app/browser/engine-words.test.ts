import { expect, test } from 'vitest'
import type { BrowserFindings } from '../../browser/index.ts'
import { type EngineState, engineSaid } from './engine-words.ts'

const exact = { kind: 'exact', changed: 0, largest: 0 } as const
const browser = (webgpu: BrowserFindings['webgpu'], secure = true): BrowserFindings => ({
  secure,
  address: 'http://localhost:4317/',
  webgpu,
  gpu: null,
  wasm: 'simd',
  canvas: { page: exact, worker: exact },
  storage: { files: true, database: true, promised: true, emptiesUnused: false, free: null },
  camera: true,
  clipboard: true,
  folderHandles: true,
  locks: true,
  wakeLock: true,
})
const nothing: EngineState = { ran: null, named: 'auto', probe: null, probing: false, browser: null }
const onProcessor = { chosen: 'wasm', adapter: 'CPU, one thread', rates: { wasm: 12 } } as const

test('before and during the measurement no engine is named', () => {
  expect(engineSaid(nothing)).toEqual({ words: 'unknown', engine: null, rate: null })
  expect(engineSaid({ ...nothing, probing: true }).words).toBe('measuring')
})

test('why the processor trains: no WebGPU, no card, an address that is not secure, a software adapter', () => {
  const said = (found: BrowserFindings) => engineSaid({ ...nothing, probe: onProcessor, browser: found })
  expect(said(browser('none'))).toEqual({ words: 'no_webgpu', engine: 'wasm', rate: 12 })
  expect(said(browser('no-adapter')).words).toBe('no_gpu')
  expect(said(browser('none', false)).words).toBe('insecure')
  expect(said(browser('software')).words).toBe('software')
})

test('a graphics card that was measured and slower is said to be slower', () => {
  const probe = { ...onProcessor, rates: { wasm: 60, webgpu: 40 } }
  expect(engineSaid({ ...nothing, probe, browser: browser('adapter') }).words).toBe('slower')
})

test('the graphics card where it is faster; what the settings name wins and is said', () => {
  const probe = { chosen: 'webgpu', adapter: 'card', rates: { wasm: 12, webgpu: 500 } } as const
  const state = { ...nothing, probe, browser: browser('adapter') }
  expect(engineSaid(state)).toEqual({ words: 'webgpu', engine: 'webgpu', rate: 500 })
  expect(engineSaid({ ...state, named: 'wasm' })).toEqual({ words: 'named_wasm', engine: 'wasm', rate: 12 })
})
