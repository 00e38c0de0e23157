import { expect, test } from 'vitest'
import { KERNEL_IDS } from '../../engine/core/wasm/kernels.ts'
import { FAMILIES } from '../../engine/plan/candidates.ts'
import { kernelWords } from './kernel-words.ts'

test('every family has a word in its name that the about box explains', () => {
  expect(FAMILIES.filter(({ id }) => kernelWords([id]).length === 0).map(({ id }) => id)).toEqual([])
})

test("so has every id of wasm's kernels", () => {
  expect(KERNEL_IDS.map((id) => kernelWords([`${id}-shared-2`]))).toEqual([
    ['fma', 'shared'],
    ['simd', 'shared'],
  ])
})

test('a word is explained once, and only where a name has it', () => {
  expect(kernelWords(['quads-16x32', 'quads-winograd-4x4-2', 'registers'])).toEqual([
    'registers',
    'quads',
    'winograd',
  ])
  expect(kernelWords(['workgroup-64x64-f16-tiles'])).toEqual(['workgroup', 'f16'])
})
