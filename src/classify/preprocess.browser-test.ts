import { expect, it } from 'vitest'
import { Loader } from '../augment/loader.ts'
import { encode, noisy, sampleOf } from '../augment/testing.ts'
import type { EvaluationTransform } from '../recipe/index.ts'
import { preprocess } from './preprocess.ts'

const transforms: EvaluationTransform[] = [
  { mode: 'both', resize: 96, crop: 64 },
  { mode: 'short', resize: 64, crop: 48 },
]

for (const evaluation of transforms) {
  it(`a picture gives the very pixels that its file gives in validation (${evaluation.mode})`, async () => {
    const picture = noisy(150, 110, 4)
    const loader = new Loader()
    await loader.configure({ index: 0, count: 1, memory: 1e8, disk: 0, decoding: 1e8 })
    const file = sampleOf('a.png', await encode(picture, 'image/png'))
    const { pixels } = await loader.load([file], { kind: 'evaluate', evaluation })
    expect(preprocess(picture, evaluation)).toEqual(pixels)
  })
}
