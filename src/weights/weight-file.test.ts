import { describe, expect, it } from 'vitest'
import type { HostTensor, StateDict } from '../model/index.ts'
import { stateEntries } from '../model/index.ts'
import { presetRecipe } from '../recipe/index.ts'
import type { WeightMetadata } from './metadata.ts'
import { randomState, sameTensors } from './random-state.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { openWeightFile, writeWeightFile } from './weight-file.ts'

const nothing: WeightMetadata = {
  classes: null,
  preprocessing: null,
  recipe: null,
  accuracy: null,
  version: null,
}
const names = (classes: number) => stateEntries(classes).map((entry) => entry.name)
const withEntry = (name: string, tensor: HostTensor) => new Map(randomState(3)).set(name, tensor)

describe('a weight file', () => {
  it("has torchvision's 122 entries in torchvision's order, whatever the order of the state dict", () => {
    const state = randomState(3)
    const bytes = writeWeightFile(new Map([...state].reverse()), nothing)
    const { tensors, metadata } = readSafetensors(bytes)
    expect([...tensors.keys()]).toEqual(names(3))
    expect(tensors.size).toBe(122)
    expect(sameTensors(tensors, state)).toBe(true)
    expect(metadata).toEqual({ format: 'pt' })
  })

  it('carries classes, preprocessing, recipe, accuracy and version', () => {
    const metadata: WeightMetadata = {
      classes: ['ant', 'bée', '蜂'],
      preprocessing: {
        size: 64,
        resize: { mode: 'both', size: 96 },
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      },
      recipe: presetRecipe('course'),
      accuracy: 0.875,
      version: '0.1.0',
    }
    const opened = openWeightFile(writeWeightFile(randomState(3), metadata))
    expect(opened.metadata).toEqual(metadata)
    expect(opened.classes).toBe(3)
  })

  it('passes over metadata of another form or for another number of classes', () => {
    const texts = { classes: '["a", "b"]', accuracy: 'good', recipe: '{}', preprocessing: '[1]' }
    expect(openWeightFile(writeSafetensors(randomState(3), texts)).metadata).toEqual(nothing)
    expect(() => writeWeightFile(randomState(3), { ...nothing, classes: ['a', 'b'] })).toThrow(
      '2 class names',
    )
  })

  it('starts counters that an old file lacks at zero', () => {
    const old = new Map([...randomState(2)].filter(([name]) => !name.endsWith('num_batches_tracked')))
    const { state } = openWeightFile(writeSafetensors(old))
    expect([...state.keys()]).toEqual(names(2))
    expect(state.get('layer4.1.bn2.num_batches_tracked')?.data).toEqual(BigInt64Array.of(0n))
  })

  it('loses the prefix that DataParallel puts before every name', () => {
    const state = randomState(2)
    const wrapped = new Map([...state].map(([name, tensor]) => [`module.${name}`, tensor]))
    expect(sameTensors(openWeightFile(writeSafetensors(wrapped)).state, state)).toBe(true)
    wrapped.set('other', { dtype: 'F32', shape: [1], data: new Float32Array(1) })
    expect(() => openWeightFile(writeSafetensors(wrapped))).toThrow('Not a ResNet-18')
  })

  it('is refused where it is not ResNet-18', () => {
    const floats = (shape: number[], value = 0): HostTensor => ({
      dtype: 'F32',
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
    })
    const refusal = (state: ReturnType<typeof withEntry>) => () => openWeightFile(writeSafetensors(state))
    expect(refusal(withEntry('layer1.0.conv3.weight', floats([1])))).toThrow(
      'layer1.0.conv3.weight is not part',
    )
    expect(refusal(withEntry('conv1.weight', floats([64, 3, 3, 3])))).toThrow('conv1.weight has shape')
    expect(refusal(withEntry('bn1.num_batches_tracked', floats([])))).toThrow('expected I64')
    expect(refusal(withEntry('bn1.weight', floats([64], Number.NaN)))).toThrow('bn1.weight holds values')
    const halfAClassifier = new Map(randomState(3))
    halfAClassifier.delete('fc.weight')
    expect(refusal(halfAClassifier)).toThrow('fc.weight')
    expect(() => openWeightFile(new TextEncoder().encode('<!doctype html>'))).toThrow('neither safetensors')
    expect(() => openWeightFile(new Uint8Array(0))).toThrow('neither safetensors')
  })
})

describe('a weight file without a classifier', () => {
  const backbone = new Map([...randomState(3)].filter(([name]) => !name.startsWith('fc.')))
  const opened = (state: StateDict) => openWeightFile(writeSafetensors(state))

  it('is opened: 120 entries, and no number of classes', () => {
    const { state, classes } = opened(backbone)
    expect(classes).toBeNull()
    expect([...state.keys()]).toEqual(names(3).slice(0, 120))
    expect(sameTensors(state, backbone)).toBe(true)
  })

  it('needs all of its other layers, in their shapes', () => {
    const short = new Map(backbone)
    short.delete('layer4.1.conv2.weight')
    expect(() => opened(short)).toThrow('layer4.1.conv2.weight is missing')
    expect(() => opened(new Map([...backbone, ['head.weight', backbone.get('bn1.weight')!]]))).toThrow(
      'head.weight is not part',
    )
  })

  it('names no classes, even where its metadata do', () => {
    const file = openWeightFile(writeSafetensors(backbone, { classes: '["a", "b"]' }))
    expect(file.metadata.classes).toBeNull()
  })
})

describe('the names of Hugging Face transformers', () => {
  /** As transformers' `ResNetForImageClassification` of microsoft/resnet-18 names what torchvision names so. */
  const NAMES: readonly [RegExp, string][] = [
    [/^conv1\./, 'resnet.embedder.embedder.convolution.'],
    [/^bn1\./, 'resnet.embedder.embedder.normalization.'],
    [/^fc\./, 'classifier.1.'],
    [/\.conv1\./, '.layer.0.convolution.'],
    [/\.bn1\./, '.layer.0.normalization.'],
    [/\.conv2\./, '.layer.1.convolution.'],
    [/\.bn2\./, '.layer.1.normalization.'],
    [/\.downsample\.0\./, '.shortcut.convolution.'],
    [/\.downsample\.1\./, '.shortcut.normalization.'],
    [/^layer1\./, 'resnet.encoder.stages.0.layers.'],
    [/^layer2\./, 'resnet.encoder.stages.1.layers.'],
    [/^layer3\./, 'resnet.encoder.stages.2.layers.'],
    [/^layer4\./, 'resnet.encoder.stages.3.layers.'],
  ]
  const theirs = (name: string) => NAMES.reduce((text, [ours, other]) => text.replace(ours, other), name)
  const state = randomState(3)
  const named = new Map([...state].map(([name, tensor]) => [theirs(name), tensor]))

  it('become torchvision’s, with and without a classifier', () => {
    expect(named.has('resnet.encoder.stages.1.layers.0.shortcut.normalization.running_var')).toBe(true)
    const whole = openWeightFile(writeSafetensors(named))
    expect(whole.classes).toBe(3)
    expect(sameTensors(whole.state, state)).toBe(true)
    // ResNetModel, which has neither the classifier nor the model's own prefix.
    const model = new Map(
      [...named]
        .filter(([name]) => !name.startsWith('classifier.'))
        .map(([name, tensor]) => [name.replace('resnet.', ''), tensor]),
    )
    const headless = openWeightFile(writeSafetensors(model))
    expect(headless.classes).toBeNull()
    expect(headless.state.get('layer3.0.downsample.0.weight')?.shape).toEqual([256, 128, 1, 1])
  })

  it('are refused where two of them mean one place, or one means none', () => {
    const twice = new Map([...named, ['embedder.embedder.normalization.bias', state.get('bn1.bias')!]])
    expect(() => openWeightFile(writeSafetensors(twice))).toThrow('two tensors for one place')
    const deeper = new Map([
      ...named,
      ['resnet.encoder.stages.0.layers.0.layer.2.convolution.weight', state.get('bn1.bias')!],
    ])
    expect(() => openWeightFile(writeSafetensors(deeper))).toThrow('layer1.0.conv3.weight is not part')
  })
})
