/** What goes with the tiles in workgroup memory: the second pass of split sums, and filters turned for input gradients. */

import type { BufferPart } from '../program.ts'
import type { ProgramBuilder } from '../program-builder.ts'
import { type Epilogue, epilogueId, finish, forwardBindings } from './convolution.ts'
import { defineKernel, foldGroups, type Kernel, kernelVariant, unroll } from './kernel.ts'

/** What a kernel does with its finished sums. */
export interface Output {
  /** Ends kernels' ids. */
  id: string
  /** The buffers that it needs: a forward kernel's, but x and w. The last is y, which it writes. */
  bindings: Record<string, `read ${string}` | `read_write ${string}`>
  /** WGSL: stores `value`, of column quad `column`, as element `index` of y. */
  store(value: string, column: string, index: string): string
}

export const epilogueOutput = (epilogue: Epilogue): Output => {
  const { x: _x, w: _w, ...bindings } = forwardBindings(epilogue)
  return {
    id: epilogueId(epilogue),
    bindings,
    store: (value, column, index) => finish(epilogue, value, column, index),
  }
}

/** `accumulate` adds to what y holds. */
export const gradientOutput = (accumulate: boolean): Output => ({
  id: accumulate ? '+accumulate' : '',
  bindings: { y: 'read_write vec4<f32>' },
  store: (value, _column, index) => `y[${index}] ${accumulate ? '+=' : '='} ${value};`,
})

/**
 * parts [splits, rows, columns] -> y [rows, target columns] from column quad `first4` on, summed in order, then as
 * `output` says. One invocation a quad.
 */
export const sumSplitsKernel = (output: Output): Kernel =>
  kernelVariant(`workgroup-sum-splits${output.id}`, () => ({
    bindings: { parts: 'read vec4<f32>', ...output.bindings },
    constants: ['splits', 'quads', 'columns4', 'target4', 'first4'],
    workgroup: 64,
    body: `
  if (id >= u.quads) { return; }
  var total = vec4<f32>();
  for (var i = 0u; i < u.splits; i++) { total += parts[i * u.quads + id]; }
  let column = u.first4 + id % u.columns4;
  let to = id / u.columns4 * u.target4 + column;
  ${output.store('total', 'column', 'to')}`,
  }))

const TURN_SIDE = 8

/**
 * w [taps, ci, co] -> turned [taps, co, `piece4` quads of ci from `first4` on]: the input gradient is then the same
 * product as the forward pass, which reads rows of w. An invocation turns 4 x 4 values, a workgroup 32 x 32, so that
 * both sides are read and written in whole 128-byte lines.
 */
const turnFilterKernel = defineKernel({
  id: 'workgroup-turn-filter',
  bindings: { w: 'read vec4<f32>', turned: 'read_write vec4<f32>' },
  constants: ['taps', 'ci4', 'co4', 'first4', 'piece4'],
  workgroup: [TURN_SIDE, TURN_SIDE],
  body: `
  let across = (u.co4 + ${TURN_SIDE - 1}u) / ${TURN_SIDE}u;
  let down = (u.piece4 + ${TURN_SIDE - 1}u) / ${TURN_SIDE}u;
  let tile = group.y * groups.x + group.x;
  let o = (tile % across) * ${TURN_SIDE}u + local.x;
  let i = (tile / across % down) * ${TURN_SIDE}u + local.y;
  let tap = tile / across / down;
  if (tap >= u.taps || o >= u.co4 || i >= u.piece4) { return; }
  let source = (tap * u.ci4 + u.first4 + i) * 4u * u.co4 + o;
  let to = (tap * u.co4 + o) * 4u * u.piece4 + i;
  ${unroll(4, (r) => `let v${r} = w[source + ${r}u * u.co4];`)}
  ${unroll(4, (c) => `turned[to + ${c}u * u.piece4] = vec4<f32>(v0[${c}], v1[${c}], v2[${c}], v3[${c}]);`)}`,
})

/** Floats of a turned filter at a time: layer4's would take 9.4 MB as a whole. */
const MOST_TURNED = 2 ** 20 * 1.25

/** Input channels of a filter that are turned at a time: all, or a power of two that divides them. */
export function turnedChannels(filterFloats: number, inChannels: number): number {
  let channels = inChannels
  while ((filterFloats / inChannels) * channels > MOST_TURNED && channels % 128 === 0) channels /= 2
  return channels
}

/** Adds a filter's turning, `channels` of its input channels from `first` on. */
export function addTurned(
  builder: ProgramBuilder,
  w: BufferPart,
  { taps, inChannels, outChannels }: { taps: number; inChannels: number; outChannels: number },
  first = 0,
  channels = inChannels,
): BufferPart {
  const turned = builder.temporary(taps * channels * outChannels)
  const groups = taps * Math.ceil(channels / 4 / TURN_SIDE) * Math.ceil(outChannels / 4 / TURN_SIDE)
  const constants = [taps, inChannels / 4, outChannels / 4, first / 4, channels / 4]
  builder.add(turnFilterKernel, [w, turned], constants, foldGroups(groups))
  return turned
}
