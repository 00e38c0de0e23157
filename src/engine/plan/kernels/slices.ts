/**
 * Reductions of one dispatch for each quad of channels: what is summed is cut into `SLICES` slices, and the slices'
 * sums are merged in order. On a GPU an invocation of a workgroup takes one slice and the first merges them; on a
 * software adapter, where a barrier costs more than the sums, one invocation takes all slices in turn. The numbers
 * are added in the same order either way.
 */
import { type Kernel, type KernelSource, kernelVariant, linearGroups } from './kernel.ts'

export const SLICES = 32
/** Quads of channels of a workgroup: four neighbours read whole cache lines. */
const QUADS = 4

export interface Reduction extends Omit<KernelSource, 'workgroup' | 'body' | 'id'> {
  /**
   * WGSL: `struct Sums`, `fn merge(a: Sums, b: Sums) -> Sums` and `fn slice(c: u32, index: u32) -> Sums`, the sums of a
   * slice for quad `c`. The constants have `c4`.
   */
  head: string
  /** WGSL that stores `sums`, of all slices, for quad `c`. */
  store: string
}

/** The kernel called `id` of a reduction; `software`: for a software adapter. */
export const reductionKernel = (id: string, software: boolean, source: () => Reduction): Kernel =>
  kernelVariant(`${id}${software ? '+serial' : ''}`, () => {
    const { head, store, ...rest } = source()
    if (software)
      return {
        ...rest,
        head,
        workgroup: QUADS,
        body: `
  let c = id;
  if (c >= u.c4) { return; }
  var sums = slice(c, 0u);
  for (var index = 1u; index < ${SLICES}u; index++) { sums = merge(sums, slice(c, index)); }
  ${store}`,
      }
    return {
      ...rest,
      head: `${head}
var<workgroup> slices: array<Sums, ${QUADS * SLICES}>;`,
      workgroup: [QUADS, SLICES],
      body: `
  let c = group.x * ${QUADS}u + local.x;
  slices[local.y * ${QUADS}u + local.x] = slice(c, local.y);
  workgroupBarrier();
  if (local.y != 0u) { return; }
  var sums = slices[local.x];
  for (var index = 1u; index < ${SLICES}u; index++) { sums = merge(sums, slices[index * ${QUADS}u + local.x]); }
  ${store}`,
    }
  })

/** Workgroups of a reduction over `channels`, a multiple of 16. */
export const reductionGroups = (
  kernel: Kernel,
  channels: number,
  software: boolean,
): [number, number, number] => (software ? linearGroups(kernel, channels / 4) : [channels / 4 / QUADS, 1, 1])
