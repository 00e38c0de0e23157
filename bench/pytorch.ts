/** PyTorch as a peer: one thread, the same weights and photos, in a process of its own. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { CLASSES, LEARNING_RATE, photos, SIZE, startState } from './inputs.ts'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('pytorch_step.py', import.meta.url))
/** Where Debian's python3-torch is found, whatever else is called python3. */
const SYSTEM_PYTHON = '/usr/bin/python3'

const timing = z.object({ batch: z.int(), milliseconds: z.number(), samples: z.int() })
const answerSchema = z.object({
  version: z.string(),
  steps: z.array(timing.extend({ loss: z.number() })),
  /** In eval mode, without gradients. */
  forward: z.array(timing),
})

export type PyTorchTimings = z.infer<typeof answerSchema>

/** Path of a Python with torch and torchvision: the named one, else the system's; null where neither has them. */
export async function findPython(named: string | undefined): Promise<string | null> {
  for (const python of named ? [named] : [SYSTEM_PYTHON, 'python3']) {
    const works = await run(python, ['-c', 'import torch, torchvision']).then(
      () => true,
      () => false,
    )
    if (works) return python
  }
  return null
}

export async function timePyTorch(python: string, batches: readonly number[]): Promise<PyTorchTimings> {
  const folder = await mkdtemp(join(tmpdir(), 'tabtune-bench-'))
  try {
    await writeInputs(folder, batches)
    const env = { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
    const { stdout } = await run(python, [SCRIPT, folder, ...batches.map(String)], { env })
    return answerSchema.parse(JSON.parse(stdout))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Weights as one file of floats with a list of what is where, photos as bytes. */
async function writeInputs(folder: string, batches: readonly number[]): Promise<void> {
  const list: { name: string; shape: readonly number[]; count: number; offset: number }[] = []
  const pieces: Uint8Array[] = []
  let offset = 0
  for (const [name, { dtype, shape, data }] of startState()) {
    if (dtype !== 'F32') continue
    list.push({ name, shape, count: data.length, offset })
    pieces.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    offset += data.byteLength
  }
  const inputs = { size: SIZE, classes: CLASSES, learningRate: LEARNING_RATE }
  await writeFile(join(folder, 'weights.json'), JSON.stringify(list))
  await writeFile(join(folder, 'weights.bin'), pieces)
  await writeFile(join(folder, 'inputs.json'), JSON.stringify(inputs))
  for (const batch of batches) await writeFile(join(folder, `photos-${batch}.bin`), photos(batch, SIZE))
}
