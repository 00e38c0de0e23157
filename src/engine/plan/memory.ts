/**
 * Where a program's buffers lie: each lives from the first to the last operation that uses it, and what never lives at
 * the same time shares memory.
 *
 * WebGPU forbids a dispatch to read one part of a GPUBuffer and write another, so memory is not one arena but a few
 * buffers, in each of which any dispatch only reads or only writes. A buffer begins with a page of zeros that nothing
 * ever writes: an activation that a convolution reads lies directly behind it.
 */
import { type BufferPart, type Operation, type Program, ZERO_PAGE } from './program.ts'

export interface VirtualBuffer {
  name: string
  /** In floats, without the page of zeros. */
  size: number
  /** Some operation reads the page of zeros before it. */
  paged: boolean
}

/** A virtual buffer and when it lives: from its first to its last operation, both included. */
interface LiveRange extends VirtualBuffer {
  first: number
  last: number
  /** Buffers of which an operation reads one and writes the other. */
  opposed: ReadonlySet<string>
}

interface Placed extends LiveRange {
  offset: number
}

interface Physical {
  size: number
  held: Placed[]
}

export interface MemoryPlan {
  /** Floats of each physical buffer, the largest first. */
  buffers: ReadonlyMap<string, number>
  /** Where each virtual buffer's values begin. */
  places: ReadonlyMap<string, BufferPart>
}

/** Bindings begin at multiples of 256 bytes. */
const ALIGNMENT = 64
const align = (floats: number) => Math.ceil(floats / ALIGNMENT) * ALIGNMENT

/** Bytes of a dispatch's constants: where uniforms may begin. */
export const CONSTANTS_BYTES = 256

/** Bytes of all buffers that a program needs besides those that outlive it. */
export const programBytes = ({ buffers, operations }: Pick<Program, 'buffers' | 'operations'>): number =>
  [...buffers.values()].reduce((sum, floats) => sum + 4 * floats, CONSTANTS_BYTES * operations.length)

/**
 * Lays the virtual buffers of a program into as little memory as a greedy search finds.
 *
 * What an operation reads before any has written it is an input, and lives from the start; what none reads after the
 * last write is an output, and lives to the end.
 */
export function planMemory(operations: readonly Operation[], virtual: readonly VirtualBuffer[]): MemoryPlan {
  const ranges = liveRanges(operations, virtual)
  let best: Physical[] | null = null
  for (const order of ORDERS) {
    const physical = place(ranges.toSorted(order))
    if (!best || total(physical) < total(best)) best = physical
  }
  const sorted = (best ?? []).sort((a, b) => b.size - a.size)
  const places = new Map<string, BufferPart>()
  const buffers = new Map<string, number>()
  sorted.forEach(({ size, held }, i) => {
    const buffer = `memory${i}`
    buffers.set(buffer, size)
    for (const { name, offset, size } of held) places.set(name, { buffer, offset, size })
  })
  return { buffers, places }
}

const total = (physical: readonly Physical[]) => physical.reduce((sum, { size }) => sum + size, 0)

type Order = (a: LiveRange, b: LiveRange) => number

const largeFirst: Order = (a, b) => b.size - a.size
/** Orders of placing that are tried, the least memory wins: large buffers first, or what may not lie just anywhere. */
const ORDERS: readonly Order[] = [
  (a, b) => largeFirst(a, b) || a.first - b.first,
  (a, b) => largeFirst(a, b) || b.last - b.first - (a.last - a.first),
  (a, b) => Number(b.paged) - Number(a.paged) || largeFirst(a, b),
]

function liveRanges(operations: readonly Operation[], virtual: readonly VirtualBuffer[]): LiveRange[] {
  const uses = new Map(
    virtual.map(({ name }) => [
      name,
      { first: operations.length, last: -1, read: false, written: false, opposed: new Set<string>() },
    ]),
  )
  operations.forEach(({ kernel, parts }, index) => {
    parts.forEach(({ buffer }, i) => {
      const use = uses.get(buffer)
      if (!use) return
      const { access } = kernel.bindings[i]
      if (use.last === -1) use.first = access === 'read' ? -1 : index
      use.last = index
      use.read = access === 'read'
      parts.forEach((other, j) => {
        if (other.buffer !== buffer && kernel.bindings[j].access !== access) use.opposed.add(other.buffer)
      })
    })
  })
  return virtual.flatMap((buffer): LiveRange[] => {
    const { first, last, read, opposed } = uses.get(buffer.name)!
    return last === -1 ? [] : [{ ...buffer, first, last: read ? last : operations.length, opposed }]
  })
}

/** Puts each buffer where memory grows least. */
function place(ranges: readonly LiveRange[]): Physical[] {
  const physical: Physical[] = []
  for (const range of ranges) {
    let best: { target: Physical; offset: number; growth: number } | null = null
    for (const target of physical) {
      const offset = fittingOffset(target, range)
      if (offset === null) continue
      const growth = Math.max(0, align(offset + range.size) - target.size)
      if (!best || growth < best.growth) best = { target, offset, growth }
    }
    const size = align(ZERO_PAGE + range.size)
    if (!best || best.growth >= size) {
      best = { target: { size: 0, held: [] }, offset: ZERO_PAGE, growth: size }
      physical.push(best.target)
    }
    best.target.held.push({ ...range, offset: best.offset })
    best.target.size += best.growth
  }
  return physical
}

/** The lowest place in a physical buffer that is free while `range` lives; null where it must not lie there. */
function fittingOffset({ held }: Physical, range: LiveRange): number | null {
  if (held.some(({ name }) => range.opposed.has(name))) return null
  const beside = held
    .filter(({ first, last }) => first <= range.last && range.first <= last)
    .sort((a, b) => a.offset - b.offset)
  let offset = ZERO_PAGE
  for (const other of beside) {
    if (align(offset + range.size) <= other.offset) break
    offset = Math.max(offset, align(other.offset + other.size))
  }
  return range.paged && offset !== ZERO_PAGE ? null : offset
}
