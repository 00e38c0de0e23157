/** The real workers, each with its own wasm instance. */
import { expect, test } from 'vitest'
import { referenceState, stepConfig } from '../../../tests/reference/helpers.ts'
import { openWasm } from '../core/index.ts'
import type { Inputs, TrainStep } from '../index.ts'
import { WASM_FILES } from '../wasm-files.ts'
import { openPeer, ParallelEngine } from './index.ts'

const twoCores = async () =>
  new ParallelEngine(await openWasm(WASM_FILES), openPeer, { evaluate: 2, train: 2 })

const photos: Inputs = {
  kind: 'photos',
  pixels: Uint8Array.from({ length: 8 * 32 * 32 * 3 }, (_, i) => (i * 97) % 251),
  count: 8,
  size: 32,
}
const labels = Int32Array.from({ length: 8 }, (_, i) => i % 5)

async function prepare(engine: TrainStep): Promise<void> {
  await engine.load(referenceState())
  await engine.configure(
    stepConfig({ optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} } }),
  )
}

test('a worker evaluates as the engine here does, and a shared step moves both alike', async () => {
  await using two = await twoCores()
  await using one = await openWasm(WASM_FILES)
  await prepare(two)
  await prepare(one)
  expect(await two.predict(photos)).toEqual(await one.predict(photos))
  const losses: number[] = []
  for (let i = 0; i < 3; i++) losses.push((await two.step(photos, labels, 1e-3)).loss)
  expect(losses[2]).toBeLessThan(losses[0])
  await one.load(await two.readState())
  expect(await two.predict(photos)).toEqual(await one.predict(photos))
})

test('a worker that is gone fails the step as a dead engine', async () => {
  const engine = await openWasm(WASM_FILES)
  let end = async () => {}
  const open = async (kernels: string) => {
    const peer = await openPeer(kernels)
    end = async () => peer[Symbol.asyncDispose]()
    return peer
  }
  await using two = new ParallelEngine(engine, open, { evaluate: 2, train: 2 })
  await prepare(two)
  await two.step(photos, labels, 1e-3)
  await end()
  await expect(two.step(photos, labels, 1e-3)).rejects.toMatchObject({ name: 'EngineError', kind: 'dead' })
  await expect(two.predict(photos)).rejects.toMatchObject({ kind: 'dead' })
})
