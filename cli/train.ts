/** A checked request: Chromium, the run, and what comes back. */
import { ensureBuilt } from '../scripts/build.mjs'
import { chromiumPath } from '../scripts/chromium.mjs'
import { CHROMIUM, remedy } from '../scripts/system-needs.mjs'
import type { HeadlessMessage, HeadlessRequest } from '../src/headless/protocol.ts'
import { BadInput } from './bad-input.ts'
import { CheckpointWriter } from './checkpoint.ts'
import { awaitEnd, type End, type Host, openHost, startRun, stopRun } from './host.ts'
import { fetchImageNet } from './imagenet.ts'
import type { Inputs } from './inputs.ts'
import { writeResults } from './results.ts'
import { STATUS } from './status.ts'

/** Runs in Chromium and writes what comes back. */
export async function train(inputs: Inputs): Promise<End['status']> {
  const { recipe, out, data } = inputs
  if (!chromiumPath())
    throw new BadInput(`there is no ${CHROMIUM.name} here, which trains: ${remedy(CHROMIUM)}`)
  const dist = await ensureBuilt()
  const interrupt = new Interrupt()
  const checkpoints = new CheckpointWriter(out, recipe, inputs.checkpoint?.files.keys() ?? [])
  let writing = Promise.resolve()
  const { ended, finish, fail } = awaitEnd()
  const onMessage = (message: HeadlessMessage) => {
    if (message.type === 'line') console.log(message.text)
    else if (message.type === 'end') finish(message)
    else if (message.type === 'checkpoint')
      writing = writing.then(() => checkpoints.write(message.files, host.exchange.put)).catch(fail)
  }
  const needsWebGpu = (recipe.resolved?.engine ?? recipe.engine) === 'webgpu'
  await using host = await openHost(dist, needsWebGpu, onMessage, (reason) => fail(new Error(reason)))
  const weights =
    recipe.weights.kind === 'imagenet' && !inputs.checkpoint
      ? await fetchImageNet(host.address, console.log)
      : inputs.weights
  await startRun(host, offer(host, { ...inputs, weights }), data)
  interrupt.stops(host)
  const end = await ended
  await writing
  if (end.status === 'bad-input') throw new BadInput(end.text)
  if (end.results) {
    await writeResults(out, host.exchange.put)
    console.log(`written to ${out}`)
  }
  if (end.status === 'completed') await checkpoints.remove()
  else console.error(end.status === 'failed' ? `failed: ${end.text}` : end.text)
  return end.status
}

/** Puts the files that the page will fetch where it fetches them, and names them in the request. */
function offer(
  { exchange, transfer }: Host,
  { recipe, weights, checkpoint, loaders, tryDepths }: Inputs,
): HeadlessRequest {
  if (weights) exchange.offered.set('weights', weights.bytes)
  for (const [name, bytes] of checkpoint?.files ?? []) exchange.offered.set(`checkpoint/${name}`, bytes)
  return {
    recipe,
    weights: weights?.name ?? null,
    checkpoint: checkpoint ? [...checkpoint.files.keys()] : null,
    loaders,
    tryDepths,
    transfer,
  }
}

/** The first Ctrl-C stops the run and keeps the best; before there is a run, or a second later, it ends at once. */
class Interrupt {
  #host: Host | null = null
  #since: number | null = null

  constructor() {
    process.on('SIGINT', () => this.#answer()).on('SIGTERM', () => this.#answer())
  }

  stops(host: Host): void {
    this.#host = host
  }

  #answer(): void {
    // npm and tsx may each pass the same signal on.
    if (this.#since !== null && Date.now() - this.#since < 1000) return
    if (this.#since !== null || !this.#host) process.exit(STATUS.stopped)
    this.#since = Date.now()
    console.error('stopping: the best weights so far are kept (Ctrl-C again ends at once)')
    stopRun(this.#host).catch(() => process.exit(STATUS.stopped))
  }
}
