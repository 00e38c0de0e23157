/** State dicts for tests. */
import { elements, type HostTensor, type StateDict, stateEntries } from '../model/index.ts'
import { type Random, stream } from '../random/index.ts'

/** A complete ResNet-18 of seeded values in [-0.5, 0.5), variances in [0.5, 1.5); the counters hold 7. */
export function randomState(classes: number, seed = 1): StateDict {
  const random = stream(seed, 'random state')
  return new Map(
    stateEntries(classes).map(({ name, shape, kind }): [string, HostTensor] => [
      name,
      kind === 'num_batches_tracked'
        ? { dtype: 'I64', shape, data: BigInt64Array.of(7n) }
        : { dtype: 'F32', shape, data: draws(random, elements(shape), kind === 'running_var' ? 0.5 : -0.5) },
    ]),
  )
}

function draws(random: Random, count: number, offset: number): Float32Array {
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = random() + offset
  return values
}

/** Same names in the same order, same shapes, same bits (45 MB are too many for `toEqual`). */
export function sameTensors(a: StateDict, b: StateDict): boolean {
  const bytes = ({ data }: HostTensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return (
    [...a.keys()].join() === [...b.keys()].join() &&
    [...a].every(([name, tensor]) => {
      const other = b.get(name)
      return (
        other?.dtype === tensor.dtype &&
        other.shape.join() === tensor.shape.join() &&
        Buffer.compare(bytes(other), bytes(tensor)) === 0
      )
    })
  )
}
