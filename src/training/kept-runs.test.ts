import { expect, test } from 'vitest'
import { openWeightFile, sha256Hex, writeSafetensors } from '../weights/index.ts'
import { randomState } from '../weights/random-state.ts'
import { MemoryStore } from './checkpoint-store.ts'
import type { TrainEvent } from './events.ts'
import { KeptRuns, removeTornRuns } from './kept-runs.ts'
import { ofType, ScriptedEngine, tinyRequest, tinyTrainer } from './testing/fixtures.ts'
import type { Trainer } from './trainer.ts'

const scripted = async () => new ScriptedEngine()

async function trained(change: Parameters<typeof tinyRequest>[0] = {}, stores = new MemoryStore()) {
  const tiny = tinyTrainer(scripted, new MemoryStore(), undefined, undefined, stores)
  await tiny.trainer.run(tinyRequest({ keeps: true, ...change }))
  return tiny
}

/** What the file of the best weights says and holds; eleven million values are compared by their hash. */
async function fileOf(trainer: Trainer) {
  const { state, metadata } = openWeightFile(trainer.bestWeights())
  return { metadata, tensors: await sha256Hex(writeSafetensors(state)) }
}

const kept = (events: TrainEvent[]) => ofType(events, 'kept').map(({ run }) => run)

test('a run that ends is kept, and is there for a trainer that starts anew', async () => {
  const { trainer, events, runStore } = await trained()
  const [run] = kept(events)
  const finished = ofType(events, 'finished')[0]
  expect(run).toMatchObject({ ended: 'completed', name: '', datasetName: 'tiny', checkpointKey: 'tiny' })
  expect(run.history).toEqual(finished.history)
  const weights = await fileOf(trainer)

  const again = tinyTrainer(scripted, new MemoryStore(), undefined, undefined, runStore)
  expect(await again.trainer.keptRuns()).toEqual([run])
  expect(await again.trainer.openRun(run.id)).toEqual(finished.predictions)
  expect(await fileOf(again.trainer)).toEqual(weights)
})

test('it goes on from a kept run as from one that has just ended', async () => {
  const { trainer, events, runStore } = await trained({ stages: ['head'] })
  await trainer.run(tinyRequest({ stages: ['all'] }))
  const whole = ofType(events, 'finished')[1]

  const again = tinyTrainer(scripted, new MemoryStore(), undefined, undefined, runStore)
  await again.trainer.openRun(kept(events)[0].id)
  await again.trainer.run(tinyRequest({ stages: ['all'] }))
  const { history } = ofType(again.events, 'finished')[0]
  const numbers = (of: typeof history) => of.epochs.map(({ seconds, ...epoch }) => epoch)
  expect(numbers(history)).toEqual(numbers(whole.history))
  expect(await sha256Hex(again.trainer.bestWeights())).toBe(await sha256Hex(trainer.bestWeights()))
})

test('training again replaces nothing; newest first', async () => {
  const { trainer, events } = await trained()
  await trainer.run(tinyRequest({ keeps: true }))
  const list = await trainer.keptRuns()
  expect(list.map(({ id }) => id)).toEqual(
    kept(events)
      .map(({ id }) => id)
      .reverse(),
  )
  expect(list).toHaveLength(2)
})

test('a run that ends before its first epoch is none; one that goes on keeps what it began with', async () => {
  const { trainer, events, onEvent } = await trained({ stages: ['head'] })
  const before = ofType(events, 'finished')[0]
  onEvent((event) => {
    if (event.type === 'stage') trainer.stop()
  })
  await trainer.run(tinyRequest({ stages: ['all'], keeps: true }))
  expect(ofType(events, 'finished')).toHaveLength(2)
  expect(await trainer.keptRuns()).toHaveLength(1)
  // Its best epoch is the earlier one, and so are its predictions.
  expect(ofType(events, 'finished')[1].predictions).toEqual(
    before.predictions.filter(({ split }) => split === 'valid' || split === 'test'),
  )
})

test('a run whose request does not say so is not kept', async () => {
  const { trainer } = await trained({ keeps: false })
  expect(await trainer.keptRuns()).toEqual([])
})

test('a name is kept until it is taken away; what is deleted leaves nothing', async () => {
  const { trainer, events, runStore } = await trained()
  const [{ id }] = kept(events)
  await trainer.renameRun(id, '  Garden, second try ')
  expect((await trainer.keptRuns())[0].name).toBe('Garden, second try')
  await trainer.renameRun(id, '')
  expect((await trainer.keptRuns())[0].name).toBe('')
  await trainer.removeRun(id)
  expect(await trainer.keptRuns()).toEqual([])
  expect(runStore.folders.size).toBe(0)
})

test('the weight file that runs stand on is kept once, and goes with the last of them', async () => {
  const bytes = writeSafetensors(randomState(3))
  const sha256 = await sha256Hex(bytes)
  const store = new MemoryStore()
  const runs = () => new KeptRuns(store).list()
  const fromFile = async () => {
    const recipe = { ...tinyRequest().recipe, weights: { kind: 'file', name: 'own', sha256 } as const }
    return trained({ recipe, weights: { name: 'own', bytes: bytes.slice().buffer } }, store)
  }
  const { trainer } = await fromFile()
  await fromFile()
  expect(await store.folder('weights').list()).toEqual([sha256])
  const [first, second] = await runs()
  await trainer.removeRun(first.id)
  await trainer.openRun(second.id)
  expect(openWeightFile(trainer.bestWeights()).classes).toBe(3)
  await trainer.removeRun(second.id)
  expect(await store.folder('weights').list()).toEqual([])
})

test('a full storage is said, leaves nothing behind, and is tried again', async () => {
  const store = new MemoryStore()
  let isFull = true
  const folder = store.folder.bind(store)
  store.folder = (key) => ({
    ...folder(key),
    write: async (name, bytes) => {
      if (isFull && name === 'run.json') throw new DOMException('full', 'QuotaExceededError')
      return folder(key).write(name, bytes)
    },
  })
  const { trainer, events } = await trained({}, store)
  expect(ofType(events, 'notice')).toContainEqual({ type: 'notice', code: 'run-not-kept', detail: 'full' })
  expect(ofType(events, 'finished')).toHaveLength(1)
  expect(store.folders.size).toBe(0)
  isFull = false
  const run = await trainer.keepRun()
  expect((await trainer.keptRuns()).map(({ id }) => id)).toEqual([run.id])
})

test('what was cut off while it was written is removed; what is damaged is not opened', async () => {
  const { trainer, events, runStore } = await trained()
  const [run] = kept(events)
  await runStore.folder('2026-torn').write('predictions.json', new Uint8Array(3))
  await removeTornRuns(runStore)
  expect([...runStore.folders.keys()]).toEqual([run.id])
  const files = runStore.folders.get(run.id)
  const name = [...(files?.keys() ?? [])].find((file) => file.endsWith('.checkpoint')) ?? ''
  files?.set(name, new Uint8Array(10))
  await expect(trainer.openRun(run.id)).rejects.toMatchObject({ code: 'checkpoint' })
})
