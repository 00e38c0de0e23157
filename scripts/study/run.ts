/**
 * One training run in Chromium, by the command line's own host: the same page, workers and engine. Each run has a browser of
 * its own, since photos that an earlier run decoded and kept would make the next one look faster than a person's first.
 */
import { z } from 'zod'
import { awaitEnd, type Host, openHost, startRun } from '../../cli/host.ts'
import type { HeadlessMessage } from '../../src/headless/protocol.ts'
import { type Recipe, TRAINING_STAGES } from '../../src/recipe/index.ts'
import { isBetter } from '../../src/training/run-state.ts'
import { sha256Hex } from '../../src/weights/index.ts'
import type { Part } from './record.ts'

const stage = z.enum(TRAINING_STAGES)
const historySchema = z.object({
  epochs: z.array(
    z.object({
      stage,
      epoch: z.int(),
      valid: z.object({ accuracy: z.number(), loss: z.number() }),
      seconds: z.number(),
    }),
  ),
  best: z.object({ stage, epoch: z.int(), accuracy: z.number() }),
  engine: z.string(),
  kernels: z.string(),
})

export interface StudyRun {
  part: Part
  /** The best weights, as a safetensors file. */
  weights: Uint8Array<ArrayBuffer>
}

export interface Runner {
  /** @param weights what the recipe's `file` source means. @throws where the run does not complete. */
  run(recipe: Recipe, data: string, weights?: Uint8Array<ArrayBuffer>): Promise<StudyRun>
  /** Ends Chromium where one is open: Ctrl-C is not passed on to it. */
  close(): Promise<void>
}

export function createRunner(dist: string, say: (line: string) => void): Runner {
  let open: Host | null = null
  return {
    async run(recipe, data, weights) {
      let ready: number | null = null
      const { ended, finish, fail } = awaitEnd()
      const onMessage = (message: HeadlessMessage) => {
        if (message.type === 'end') finish(message)
        else if (message.type === 'line') {
          if (message.text.startsWith('engine: ')) ready ??= performance.now()
          say(`  ${message.text}`)
        } else if (message.type === 'checkpoint')
          // Nobody goes on from them here, and one of all layers takes 130 MB.
          for (const name of message.files) open?.exchange.put.delete(`checkpoint/${name}`)
      }
      await using host = await openHost(dist, recipe.engine === 'webgpu', onMessage, (reason) =>
        fail(new Error(reason)),
      )
      open = host
      if (weights) host.exchange.offered.set('weights', weights)
      const request = {
        recipe: weights ? { ...recipe, weights: await fileSource(recipe, weights) } : recipe,
        weights: weights ? fileName(recipe) : null,
        checkpoint: null,
        loaders: null,
        tryDepths: false,
        transfer: host.transfer,
      }
      const began = performance.now()
      await startRun(host, request, data)
      const { status, text } = await ended
      const seconds = (performance.now() - began) / 1000
      open = null
      if (status !== 'completed') throw new Error(`the run ended as ${status}: ${text}`)
      const { put } = host.exchange
      return {
        part: {
          ...partOf(put.get('results/history.json')),
          seconds: rounded(seconds),
          readySeconds: ready === null ? null : rounded((ready - began) / 1000),
        },
        weights: put.get('results/best.safetensors') ?? missing('best.safetensors'),
      }
    },
    async close() {
      await open?.[Symbol.asyncDispose]()
    },
  }
}

const fileName = ({ weights }: Recipe) => (weights.kind === 'file' ? weights.name : 'weights.safetensors')

const fileSource = async (recipe: Recipe, weights: Uint8Array<ArrayBuffer>) =>
  ({ kind: 'file', name: fileName(recipe), sha256: await sha256Hex(weights) }) as const

function partOf(history: Uint8Array | undefined): Omit<Part, 'seconds' | 'readySeconds'> {
  const text = new TextDecoder().decode(history ?? missing('history.json'))
  const { epochs, best, engine, kernels } = historySchema.parse(JSON.parse(text))
  const stages = TRAINING_STAGES.flatMap((name) => {
    const own = epochs.filter((log) => log.stage === name)
    if (own.length === 0) return []
    const top = own.reduce((one, other) => (isBetter(markOf(other), markOf(one)) ? other : one))
    const seconds = rounded(own.reduce((sum, log) => sum + log.seconds, 0))
    const { accuracy } = top.valid
    return [{ stage: name, epochs: own.length, accuracy, seconds, bestEpoch: top.epoch }]
  })
  return { best, stages, engine, kernels }
}

type Log = z.infer<typeof historySchema>['epochs'][number]

const markOf = ({ stage, epoch, valid }: Log) => ({ stage, epoch, ...valid })

function missing(name: string): never {
  throw new Error(`the run gave no ${name}`)
}

const rounded = (seconds: number) => Math.round(seconds * 100) / 100
