import { expect, test } from 'vitest'
import type { BrowserFindings } from './findings.ts'
import { LITTLE_SPACE, remarksOf } from './remarks.ts'

const exact = { kind: 'exact', changed: 0, largest: 0 } as const
const complete: BrowserFindings = {
  secure: true,
  address: 'https://example.org/tabtune/',
  webgpu: 'adapter',
  gpu: null,
  wasm: 'simd',
  canvas: { page: exact, worker: exact },
  storage: { files: true, database: true, promised: true, emptiesUnused: false, free: 1e10 },
  camera: true,
  clipboard: true,
  folderHandles: true,
  locks: true,
  wakeLock: true,
}
const codes = (changes: Partial<BrowserFindings>) =>
  remarksOf({ ...complete, ...changes }).map(({ code }) => code)
const storage = (changes: Partial<BrowserFindings['storage']>) =>
  codes({ storage: { ...complete.storage, ...changes } })

test('a browser that has everything is not remarked on', () => {
  expect(codes({})).toEqual([])
})

test('at an address that is not secure one remark names the one that works, instead of one for each lack', () => {
  const found = {
    ...complete,
    secure: false,
    address: 'http://192.168.1.5:4317/?a=1#recipe',
    camera: false,
    locks: false,
    storage: { ...complete.storage, files: false, promised: false },
  }
  expect(remarksOf(found)).toEqual([
    { code: 'insecure', weight: 'hurts', local: 'http://localhost:4317/?a=1' },
  ])
})

test('what is not kept is told apart: nothing, runs, projects', () => {
  expect(storage({ files: false, database: false })).toEqual(['nothing-kept'])
  expect(storage({ files: false })).toEqual(['no-files'])
  expect(storage({ database: false })).toEqual(['no-projects'])
})

test('storage that may be emptied is said with its reason, a nearly full disk too', () => {
  expect(storage({ promised: false })).toEqual(['not-promised'])
  expect(storage({ promised: false, emptiesUnused: true })).toEqual(['empties-unused'])
  expect(storage({ free: LITTLE_SPACE - 1 })).toEqual(['little-space'])
  expect(storage({ free: null })).toEqual([])
})

test('noise in the canvas of a worker alone is said: photos are read there', () => {
  const noise = { kind: 'noise', changed: 0.01, largest: 1 } as const
  expect(remarksOf({ ...complete, canvas: { page: exact, worker: noise } })).toEqual([
    { code: 'canvas-noise', weight: 'hurts', changed: 0.01, largest: 1 },
  ])
})

test('WebAssembly without vector instructions matters where the processor has to train', () => {
  expect(codes({ wasm: 'plain', webgpu: 'none' })).toEqual(['no-simd'])
  expect(codes({ wasm: 'plain', webgpu: 'adapter' })).toEqual([])
})

test('what hurts comes first', () => {
  expect(codes({ wakeLock: false, wasm: 'plain', webgpu: 'software' })).toEqual(['no-simd', 'no-wake-lock'])
})
