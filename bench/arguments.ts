import { parseArgs } from 'node:util'

/** What can be measured alone, in the order of a whole run. Slow parts take minutes each and run only when named. */
export const PARTS = {
  jax: '3x3 convolutions beside jax-js',
  gradients: 'gradients of a convolution beside its forward pass',
  step: 'training steps at 64 px beside stock TF.js and PyTorch',
  dispatches: 'dispatches of a step',
  memory: 'GPU memory of a step',
  runs: 'memory after three runs one after another',
  script: 'time in JavaScript a step',
  head: 'the head stage on cached features',
  freeze: 'steps with locked stages',
  webcam: "a camera's picture, and one photo, classified",
  wasm: 'the wasm engine: frozen forward beside PyTorch, more cores, fused multiply-add',
  idle: 'how long the engine waits for photos',
  loader: 'photos decoded and augmented beside torchvision',
  large: 'the training step at 224 px beside stock TF.js',
  conv: 'every convolution and its gradients beside stock TF.js',
} as const
export type Part = keyof typeof PARTS

const NAMES = Object.keys(PARTS) as Part[]
export const SLOW: readonly Part[] = ['large', 'conv']
const USUAL = NAMES.filter((name) => !SLOW.includes(name))

export const USAGE = `npm run bench -- [--out FILE] [--python PATH] [--only PARTS]

  --out FILE      writes {"machine", "adapter", "kernels", "rows"} as JSON; rows of parts that did not run now stay
  --python PATH   a Python with torch and torchvision (default: the system's)
  --only PARTS    with commas between; by default all but the slow ones (npm run bench:slow runs those):
${NAMES.map((name) => `                  ${name.padEnd(10)} ${PARTS[name]}${SLOW.includes(name) ? ' (slow)' : ''}`).join('\n')}`

export interface Arguments {
  out?: string
  python?: string
  parts: readonly Part[]
  help: boolean
}

/** @throws where an argument is not known, with a line for the person. */
export function readArguments(): Arguments {
  const text = { type: 'string' } as const
  const options = { out: text, python: text, only: text, help: { type: 'boolean' } } as const
  const { out, python, only, help = false } = parseArgs({ options }).values
  const named = only?.split(',') ?? USUAL
  const unknown = named.find((name) => !NAMES.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${NAMES.join(', ')}`)
  return { out, python, help, parts: NAMES.filter((part) => named.includes(part)) }
}
