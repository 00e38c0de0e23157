import { describe, expect, it } from 'vitest'
import type { Kernel } from './kernels/kernel.ts'
import { planMemory } from './memory.ts'
import { type Operation, ZERO_PAGE } from './program.ts'

/** An operation that reads and writes the named buffers. */
function operation(reads: readonly string[], writes: readonly string[]): Operation {
  const bindings: Kernel['bindings'] = [
    ...reads.map((name) => ({ name, access: 'read' as const, element: 'f32' })),
    ...writes.map((name) => ({ name, access: 'read_write' as const, element: 'f32' })),
  ]
  const kernel = {
    id: 'k',
    bindings,
    constants: [],
    usesStep: false,
    features: [],
    code: '',
    workgroupSize: 1,
  }
  const parts = [...reads, ...writes].map((buffer) => ({ buffer, offset: 0, size: 1 }))
  return { kernel, parts, constants: [], groups: [1, 1, 1], work: 1 }
}
const virtual = (sizes: Record<string, number>, paged: readonly string[] = []) =>
  Object.entries(sizes).map(([name, size]) => ({ name, size, paged: paged.includes(name) }))
const bytes = (buffers: ReadonlyMap<string, number>) => [...buffers.values()].reduce((a, b) => a + b, 0)

describe('a chain of operations', () => {
  const chain = [
    operation(['input'], ['a']),
    operation(['a'], ['b']),
    operation(['b'], ['c']),
    operation(['c'], ['output']),
  ]
  const sizes = { input: 6400, a: 6400, b: 6400, c: 6400, output: 6400 }

  it('takes two buffers in turn, each with a page of zeros', () => {
    const { buffers, places } = planMemory(chain, virtual(sizes))
    expect([...buffers]).toEqual([
      ['memory0', 6400 + ZERO_PAGE],
      ['memory1', 6400 + ZERO_PAGE],
    ])
    for (const { offset } of places.values()) expect(offset).toBe(ZERO_PAGE)
    for (const [one, next] of [
      ['input', 'a'],
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'output'],
    ])
      expect(places.get(one)!.buffer).not.toBe(places.get(next)!.buffer)
  })

  it('keeps an input until it is read, and an output to the end', () => {
    const late = [operation([], ['a']), operation(['a'], ['early']), operation(['input'], ['output'])]
    const { places } = planMemory(late, virtual({ input: 640, a: 640, early: 640, output: 640 }))
    const at = (name: string) => `${places.get(name)!.buffer} ${places.get(name)!.offset}`
    expect(new Set([at('input'), at('a')]).size).toBe(2)
    expect(new Set([at('early'), at('output')]).size).toBe(2)
  })

  it('puts what is read behind a page of zeros directly behind one, the rest where there is room', () => {
    const both = [operation([], ['a', 'b']), operation(['a', 'b'], ['output'])]
    const { buffers, places } = planMemory(both, virtual({ a: 640, b: 640, output: 64 }, ['a', 'b']))
    expect(places.get('a')!.offset).toBe(ZERO_PAGE)
    expect(places.get('b')!.offset).toBe(ZERO_PAGE)
    expect(buffers.size).toBe(3)
    const loose = planMemory(both, virtual({ a: 640, b: 640, output: 64 }))
    expect(bytes(loose.buffers)).toBeLessThan(bytes(buffers))
  })

  it('gives no memory to what no operation uses', () => {
    expect(planMemory(chain, virtual({ ...sizes, unused: 1e6 })).places.has('unused')).toBe(false)
  })
})

it('what lives at the same time never shares memory, and no dispatch reads and writes one buffer', () => {
  // A forward pass that keeps everything, and a backward pass that frees it.
  const depth = 12
  const sizes: Record<string, number> = { x0: 1000 }
  const operations: Operation[] = []
  for (let i = 1; i <= depth; i++) {
    sizes[`x${i}`] = 200 + ((i * 7919) % 1000)
    operations.push(operation([`x${i - 1}`], [`x${i}`]))
  }
  sizes[`d${depth}`] = 700
  operations.push(operation([`x${depth}`], [`d${depth}`]))
  for (let i = depth; i > 0; i--) {
    sizes[`d${i - 1}`] = sizes[`x${i - 1}`]
    operations.push(operation([`d${i}`, `x${i}`, `x${i - 1}`], [`d${i - 1}`]))
  }
  const { buffers, places } = planMemory(operations, virtual(sizes, ['x3', 'd4', 'd5']))
  const live = Object.keys(sizes).map((name) => {
    const used = operations.flatMap(({ parts }, i) =>
      parts.some(({ buffer }) => buffer === name) ? [i] : [],
    )
    return {
      ...places.get(name)!,
      name,
      first: name === 'x0' ? -1 : used[0],
      last: name === 'd0' ? 99 : used.at(-1)!,
    }
  })
  for (const a of live)
    for (const b of live)
      if (a !== b && a.buffer === b.buffer && a.first <= b.last && b.first <= a.last)
        expect(
          a.offset + a.size <= b.offset || b.offset + b.size <= a.offset,
          `${a.name} and ${b.name}`,
        ).toBe(true)
  for (const { kernel, parts } of operations) {
    const written = parts.filter((_, i) => kernel.bindings[i].access !== 'read')
    const read = parts.filter((_, i) => kernel.bindings[i].access === 'read')
    for (const target of written)
      for (const source of read)
        expect(places.get(target.buffer)!.buffer).not.toBe(places.get(source.buffer)!.buffer)
  }
  const everything = Object.values(sizes).reduce((a, b) => a + b, 0)
  expect(bytes(buffers)).toBeLessThan(0.9 * everything + buffers.size * ZERO_PAGE)
})
