import { expect, test } from 'vitest'
import type { ClassInfo } from '../dataset/types.ts'
import type { History } from './events.ts'
import { historyText, predictionsText } from './result-texts.ts'

const metrics = (loss: number, correct: number, samples: number) => ({
  loss,
  accuracy: correct / samples,
  correct,
  samples,
})

const history: History = {
  epochs: [
    {
      stage: 'head',
      epoch: 3,
      learningRate: 0.01,
      train: metrics(0.5, 3, 4),
      valid: metrics(0.75, 1, 2),
      seconds: 1.23456,
      locked: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    },
  ],
  best: { stage: 'head', epoch: 3, accuracy: 0.5, loss: 0.75 },
  test: metrics(0.25, 4, 4),
  engine: 'wasm',
  adapter: 'CPU',
  kernels: 'id-1',
  version: '0.1.0',
}

const classes: ClassInfo[] = [
  { id: '1', name: 'rose, pink' },
  { id: '2', name: 'the "other" one' },
]

test('history.json holds exactly what is documented: means, not counts', () => {
  expect(JSON.parse(historyText(history))).toEqual({
    epochs: [
      {
        stage: 'head',
        epoch: 3,
        learningRate: 0.01,
        train: { loss: 0.5, accuracy: 0.75 },
        valid: { loss: 0.75, accuracy: 0.5 },
        seconds: 1.235,
        locked: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
      },
    ],
    best: { stage: 'head', epoch: 3, accuracy: 0.5 },
    test: { loss: 0.25, accuracy: 1 },
    engine: 'wasm',
    adapter: 'CPU',
    kernels: 'id-1',
    version: '0.1.0',
  })
})

test('history.json names the micro-batch where there was one, and no test where there is none', () => {
  const document = JSON.parse(historyText({ ...history, microBatch: 8, test: undefined }))
  expect(document.microBatch).toBe(8)
  expect(document).not.toHaveProperty('test')
})

test('predictions.csv quotes commas and quotes in paths and names', () => {
  const text = predictionsText(
    [
      { path: 'valid/1/a,b.jpg', split: 'valid', trueClass: 0, predictedClass: 1, confidence: 0.75, loss: 2 },
      { path: 'test/2/c.jpg', split: 'test', trueClass: 1, predictedClass: 1, confidence: 1, loss: 0 },
    ],
    classes,
  )
  expect(text.split('\n')).toEqual([
    'path,split,true,predicted,confidence',
    '"valid/1/a,b.jpg",valid,"rose, pink","the ""other"" one",0.750000',
    'test/2/c.jpg,test,"the ""other"" one","the ""other"" one",1.000000',
    '',
  ])
})
