/**
 * Every family on every layer of ResNet-18, forward and both gradients, at the sizes and batches of the page and at odd
 * ones: a sample of each result against its definition in float64, and all of it against the one number that the three
 * share, <dy, y> = <dx, x> = <dw, w>, so that a single wrong element shows.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { FAMILIES } from '../../src/engine/plan/candidates.ts'
import { deviceTraits } from '../../src/engine/plan/device.ts'
import {
  type ConvolutionFamily,
  type ConvolutionShape,
  KINDS,
  type Kind,
  NO_EPILOGUE,
} from '../../src/engine/plan/kernels/convolution.ts'
import { groupShape, isComputed, LAYER_GROUPS, type LayerGroup } from '../../src/engine/plan/layer-groups.ts'
import { runConvolution } from '../../src/engine/plan/testing.ts'
import { Definition } from './definition.ts'
import { kernelDevice } from './device.ts'

const SIZES = [32, 64, 65, 96, 97, 224]
const BATCHES = [1, 3, 8]
/** Classes of the head, padded to quads: of 3, 7, 102 and 1000 classes. */
const CLASSES = [3, 7, 102, 1000]

/** Of the largest value of the result; in half precision 16 products are summed with 11 bits each. */
const BOUND = { float32: 2e-5, float16: 16 * 2 ** -9 }

const device = await kernelDevice()
const traits = device && deviceTraits(device)

const suits = (family: ConvolutionFamily, kind: Kind, shape: ConvolutionShape): boolean =>
  (traits && family[kind]?.suits(shape, traits)) ?? false

async function run(family: ConvolutionFamily, kind: Kind, { shape, x, w, dy }: Definition) {
  const arrays = { x, w, dy }
  if (kind === 'forward') return runConvolution(device!, family, shape, { forward: NO_EPILOGUE }, arrays)
  if (kind === 'filterGradient') return runConvolution(device!, family, shape, kind, arrays)
  return runConvolution(device!, family, shape, { inputGradient: { accumulate: false } }, arrays)
}

/** One test for each family that takes the shape; the definition is computed once for all of them. */
function checks(name: string, group: LayerGroup, shape: ConvolutionShape): void {
  let made: Definition | null = null
  afterAll(() => {
    made = null
  })
  for (const family of FAMILIES) {
    const kinds = KINDS.filter((kind) => isComputed(group, kind) && suits(family, kind, shape))
    it.skipIf(kinds.length === 0)(`${name}, ${family.id}`, async () => {
      made ??= new Definition(shape)
      const bound = family.float16 ? BOUND.float16 : BOUND.float32
      for (const kind of kinds) {
        const result = await run(family, kind, made)
        expect(made.sampleError(kind, result), `${kind}: sample`).toBeLessThan(bound)
        expect(made.productError(kind, result), `${kind}: product`).toBeLessThan(bound)
      }
    })
  }
}

const backbone = LAYER_GROUPS.filter(({ stage }) => stage !== 'fc')
const head = LAYER_GROUPS.filter(({ stage }) => stage === 'fc')

describe.skipIf(!device)('forward and both gradients agree with float64', () => {
  for (const count of BATCHES) {
    for (const size of SIZES)
      for (const group of backbone)
        describe(`${size} px, batch ${count}`, () =>
          checks(group.name, group, groupShape(group, count, size, 4)))
    for (const classes of CLASSES)
      for (const group of head)
        describe(`${classes} classes, batch ${count}`, () =>
          checks(group.name, group, groupShape(group, count, 64, 4 * Math.ceil(classes / 4))))
  }
})
