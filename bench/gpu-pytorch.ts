/** PyTorch on the same GPU, in a process of its own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { StepShape } from './gpu-step.ts'
import { CLASSES } from './inputs.ts'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('pytorch_gpu.py', import.meta.url))

const answerSchema = z.object({
  version: z.string(),
  gpu: z.string(),
  /** Milliseconds a step. */
  rows: z.array(z.object({ size: z.int(), batch: z.int(), float32: z.number(), amp: z.number() })),
})

export type GpuPyTorch = z.infer<typeof answerSchema>

/** @throws with what Python says, where it has no torch or PyTorch no GPU. */
export async function timePyTorchOnGpu(
  python: string,
  shapes: readonly StepShape[],
  steps: number,
): Promise<GpuPyTorch> {
  const parameters = [steps, CLASSES, ...shapes.map(({ size, batch }) => `${size}x${batch}`)].map(String)
  const { stdout } = await run(python, [SCRIPT, ...parameters])
  return answerSchema.parse(JSON.parse(stdout))
}
