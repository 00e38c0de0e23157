import { expect, test } from 'vitest'
import type { Sample } from '../dataset/types.ts'
import type { PhotoAnswer } from '../training/trainer-api.ts'
import { classifyFolder, folderCsvHead, folderCsvRow } from './folder.ts'

const samples = (count: number) =>
  Array.from({ length: count }, (_, i): Sample => {
    return { path: `${i}.jpg`, split: 'test', label: 0, source: { kind: 'url', url: `${i}.jpg` } }
  })

const answer = ({ path }: Sample): PhotoAnswer => ({
  path,
  top: [{ label: 0, name: 'ants', probability: 1 }],
})

const ready = async () => {}

test('every photo is answered once, in the order of the folder, with few calls under way', async () => {
  let running = 0
  let most = 0
  const paths: string[] = []
  const classify = async (list: readonly Sample[]) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve))
    running--
    return list.map(answer)
  }
  const signal = new AbortController().signal
  for await (const answers of classifyFolder({ samples: samples(150), classify, ready, signal }))
    paths.push(...answers.map(({ path }) => path))
  expect(paths).toEqual(samples(150).map(({ path }) => path))
  expect(most).toBe(2)
})

test('after a cancel no more is asked for, and what was answered stays', async () => {
  const stop = new AbortController()
  let asked = 0
  let answered = 0
  const classify = async (list: readonly Sample[]) => {
    asked += list.length
    return list.map(answer)
  }
  for await (const answers of classifyFolder({
    samples: samples(1000),
    classify,
    ready,
    signal: stop.signal,
  })) {
    answered += answers.length
    stop.abort()
  }
  expect(answered).toBe(32)
  expect(asked).toBe(64)
})

test('a failing call is told after the answers before it', async () => {
  let calls = 0
  const classify = async (list: readonly Sample[]) => {
    if (++calls === 2) throw new Error('the engine died')
    await new Promise((resolve) => setTimeout(resolve, 5))
    return list.map(answer)
  }
  let answered = 0
  const run = async () => {
    const signal = new AbortController().signal
    for await (const answers of classifyFolder({ samples: samples(96), classify, ready, signal }))
      answered += answers.length
  }
  await expect(run()).rejects.toThrow('the engine died')
  expect(answered).toBe(32)
})

test('the table holds the three likeliest classes, and the reason where a photo could not be read', () => {
  const top = [
    { label: 1, name: 'bees, wild', probability: 0.75 },
    { label: 0, name: 'ants', probability: 0.25 },
  ]
  const table =
    folderCsvHead() + folderCsvRow({ path: 'a/1.jpg', top }) + folderCsvRow({ path: 'b', reason: 'empty' })
  expect(table.split('\n')).toEqual([
    'path,predicted,confidence,second,second_confidence,third,third_confidence,error',
    'a/1.jpg,"bees, wild",0.750000,ants,0.250000,,,',
    'b,,,,,,,empty',
    '',
  ])
})
