/** What goes with the tiles in workgroup memory: the second pass of split sums, and filters turned for input gradients. */
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

/** parts [splits, rows, columns] -> y [rows, columns], summed in order, then as `output` says. One invocation a quad. */
export const sumSplitsKernel = (output: Output): Kernel =>
  kernelVariant(`workgroup-sum-splits${output.id}`, () => ({
    bindings: { parts: 'read vec4<f32>', ...output.bindings },
    constants: ['splits', 'quads', 'columns4'],
    workgroup: 64,
    body: `
  if (id >= u.quads) { return; }
  var total = vec4<f32>();
  for (var i = 0u; i < u.splits; i++) { total += parts[i * u.quads + id]; }
  let column = id % u.columns4;
  ${output.store('total', 'column', 'id')}`,
  }))

const TURN_SIDE = 8

/**
 * w [taps, ci, co] -> turned [taps, co, ci]: the input gradient is then the same product as the forward pass, which
 * reads rows of w. An invocation turns 4 x 4 values, a workgroup 32 x 32, so that both sides are read and written in
 * whole 128-byte lines.
 */
export const turnFilterKernel = defineKernel({
  id: 'workgroup-turn-filter',
  bindings: { w: 'read vec4<f32>', turned: 'read_write vec4<f32>' },
  constants: ['taps', 'ci4', 'co4'],
  workgroup: [TURN_SIDE, TURN_SIDE],
  body: `
  let across = (u.co4 + ${TURN_SIDE - 1}u) / ${TURN_SIDE}u;
  let down = (u.ci4 + ${TURN_SIDE - 1}u) / ${TURN_SIDE}u;
  let tile = group.y * groups.x + group.x;
  let o = (tile % across) * ${TURN_SIDE}u + local.x;
  let i = (tile / across % down) * ${TURN_SIDE}u + local.y;
  let tap = tile / across / down;
  if (tap >= u.taps || o >= u.co4 || i >= u.ci4) { return; }
  let source = (tap * u.ci4 + i) * 4u * u.co4 + o;
  let to = (tap * u.co4 + o) * 4u * u.ci4 + i;
  ${unroll(4, (r) => `let v${r} = w[source + ${r}u * u.co4];`)}
  ${unroll(4, (c) => `turned[to + ${c}u * u.ci4] = vec4<f32>(v0[${c}], v1[${c}], v2[${c}], v3[${c}]);`)}`,
})

export const turnGroups = (taps: number, ci4: number, co4: number): [number, number, number] =>
  foldGroups(taps * Math.ceil(ci4 / TURN_SIDE) * Math.ceil(co4 / TURN_SIDE))
