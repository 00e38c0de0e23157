import { describe, expect, test } from 'vitest'
import type { Dataset } from '../dataset/index.ts'
import type { EpochLog, History } from '../training/events.ts'
import { epochLine, majorityShare, summaryLines } from './results.ts'

const metrics = (loss: number, correct: number, samples: number) => ({
  loss,
  accuracy: correct / samples,
  correct,
  samples,
})

const log: EpochLog = {
  stage: 'head',
  epoch: 3,
  learningRate: 0.01,
  train: metrics(0.5, 3, 4),
  valid: metrics(0.75, 1, 2),
  seconds: 1.23456,
  locked: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
}

const history: History = {
  epochs: [log],
  best: { stage: 'head', epoch: 3, accuracy: 0.5, loss: 0.75 },
  test: metrics(0.25, 4, 4),
  engine: 'wasm',
  adapter: 'CPU',
  kernels: 'id-1',
  version: '0.1.0',
}

const dataset = (labels: number[]): Dataset => ({
  name: 'flowers',
  classes: [
    { id: '1', name: 'rose' },
    { id: '2', name: 'tulip' },
  ],
  samples: labels.map((label, index) => ({
    path: `valid/${label + 1}/${index}.jpg`,
    split: 'valid',
    label,
    source: { kind: 'url', url: 'photo.jpg' },
  })),
  problems: [],
  ignored: 0,
  splitBySeed: false,
})

describe('what a run prints', () => {
  test('one line an epoch, with the epochs of the stage and a mark on the best', () => {
    const line = epochLine(log, 12, true)
    expect(line).toBe('head   3/12   lr 0.01   train 0.5000  75.0 %   valid 0.7500  50.0 %   1.2 s  best')
    expect(epochLine(log, 12, false)).not.toContain('best')
  })

  test('the majority class is the share of the most frequent validation class', () => {
    expect(majorityShare(dataset([0, 0, 0, 1]))).toBe(0.75)
    expect(summaryLines(history, dataset([0, 0, 0, 1])).join('\n')).toContain('majority class 0.7500')
  })
})
