/** Zeros, where a kernel does not write all of a tensor. */
import type { BufferPart } from '../program.ts'
import type { ProgramBuilder } from '../program-builder.ts'
import { defineKernel, linearGroups, unroll } from './kernel.ts'

/** Quads that an invocation writes: on a software adapter one costs about as much as where it goes. */
const QUADS = 4

const zerosKernel = defineKernel({
  id: 'zeros',
  bindings: { tensor: 'read_write vec4<f32>' },
  constants: ['quads', 'apart'],
  workgroup: 64,
  body: unroll(
    QUADS,
    (i) =>
      `  if (id < u.apart && id + ${i}u * u.apart < u.quads) { tensor[id + ${i}u * u.apart] = vec4<f32>(); }`,
  ),
})

/** `tensor`, in quads, becomes zero. */
export function addZeros(builder: ProgramBuilder, tensor: BufferPart): void {
  const quads = tensor.size / 4
  const apart = Math.ceil(quads / QUADS)
  builder.add(zerosKernel, [tensor], [quads, apart], linearGroups(zerosKernel, apart))
}
