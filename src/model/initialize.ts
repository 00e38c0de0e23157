/** The new classifier of a dataset. */
import { stream } from '../random/index.ts'
import { FEATURES } from './resnet18.ts'
import type { HostTensor } from './state-dict.ts'

/**
 * `fc` as `torch.nn.Linear(512, classes)` starts it: weight and bias uniform in +-1 / sqrt(512)
 * (kaiming_uniform with a = sqrt(5) comes to the same). Seeded: the same seed gives the same layer.
 */
export function newClassifier(classes: number, seed: number): Map<'fc.weight' | 'fc.bias', HostTensor> {
  const bound = 1 / Math.sqrt(FEATURES)
  const draw = (name: string, count: number) => {
    const random = stream(seed, name)
    return Float32Array.from({ length: count }, () => (random() * 2 - 1) * bound)
  }
  return new Map([
    [
      'fc.weight',
      {
        dtype: 'F32',
        shape: [classes, FEATURES],
        data: draw('fc.weight', classes * FEATURES),
      } satisfies HostTensor,
    ],
    ['fc.bias', { dtype: 'F32', shape: [classes], data: draw('fc.bias', classes) } satisfies HostTensor],
  ])
}
