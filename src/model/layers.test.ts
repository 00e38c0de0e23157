import { expect, test } from 'vitest'
import { layersOf } from './layers.ts'
import { parameterCounts, STAGES } from './resnet18.ts'

const shapes = (stage: (typeof STAGES)[number], size: number) =>
  layersOf(stage, size, 10).map(({ name, output }) => `${name} ${output.join('x')}`)

test('layers have torchvision’s names and the shapes that torchvision gives for a photo of 224 px', () => {
  expect(shapes('stem', 224)).toEqual([
    'conv1 64x112x112',
    'bn1 64x112x112',
    'relu 64x112x112',
    'maxpool 64x56x56',
  ])
  expect(shapes('layer2', 224)).toEqual([
    'layer2.0.conv1 128x28x28',
    'layer2.0.bn1 128x28x28',
    'layer2.0.relu 128x28x28',
    'layer2.0.conv2 128x28x28',
    'layer2.0.bn2 128x28x28',
    'layer2.0.downsample.0 128x28x28',
    'layer2.0.downsample.1 128x28x28',
    'layer2.1.conv1 128x28x28',
    'layer2.1.bn1 128x28x28',
    'layer2.1.relu 128x28x28',
    'layer2.1.conv2 128x28x28',
    'layer2.1.bn2 128x28x28',
  ])
  expect(shapes('fc', 224)).toEqual(['avgpool 512x1x1', 'fc 10'])
})

test('maps shrink with the photo', () => {
  expect(shapes('layer4', 64)[0]).toBe('layer4.0.conv1 512x2x2')
  expect(shapes('layer4', 32)[0]).toBe('layer4.0.conv1 512x1x1')
})

test('a stage’s layers have all of its parameters', () => {
  const counts = parameterCounts(10)
  for (const stage of STAGES) {
    const sum = layersOf(stage, 64, 10).reduce((total, { parameters }) => total + parameters, 0)
    expect(sum, stage).toBe(counts[stage])
  }
})
