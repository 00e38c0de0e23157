/**
 * Names of a weight file's tensors -> torchvision's. timm's ResNet-18 has torchvision's names already.
 * Source of the others: transformers/models/resnet/modeling_resnet.py (ResNetForImageClassification and, without the
 * `resnet.` and the classifier, ResNetModel).
 */
import type { StateDict } from '../model/index.ts'
import { WeightsError } from './errors.ts'

/** @throws WeightsError `architecture` where two tensors would get one name. */
export function torchvisionNames(tensors: StateDict): StateDict {
  const unwrapped = withoutPrefix(tensors, 'module.')
  if (![...unwrapped.keys()].some((name) => /^(?:resnet\.)?embedder\.embedder\./.test(name))) return unwrapped
  const named = new Map([...unwrapped].map(([name, tensor]) => [fromTransformers(name), tensor]))
  // A file may hold a tensor under the model's name and under its own.
  if (named.size !== unwrapped.size)
    throw new WeightsError('architecture', 'Not a ResNet-18: it holds two tensors for one place.')
  return named
}

/** `DataParallel` puts `module.` before every name. */
function withoutPrefix(tensors: StateDict, prefix: string): StateDict {
  const names = [...tensors.keys()]
  if (names.length === 0 || !names.every((name) => name.startsWith(prefix))) return tensors
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

/** A name that transformers' ResNet does not have stays as it is, and is refused by that name. */
function fromTransformers(name: string): string {
  const within = name.replace(/^resnet\./, '')
  const [, stem, stemEntry] = /^embedder\.embedder\.(convolution|normalization)\.(\w+)$/.exec(within) ?? []
  if (stem) return `${stem === 'convolution' ? 'conv1' : 'bn1'}.${stemEntry}`
  const [, stage, block, place, kind, entry] =
    /^encoder\.stages\.(\d)\.layers\.(\d)\.(shortcut|layer\.\d)\.(convolution|normalization)\.(\w+)$/.exec(
      within,
    ) ?? []
  if (stage) {
    const isConvolution = kind === 'convolution'
    const layer =
      place === 'shortcut'
        ? `downsample.${isConvolution ? 0 : 1}`
        : `${isConvolution ? 'conv' : 'bn'}${Number(place.slice('layer.'.length)) + 1}`
    return `layer${Number(stage) + 1}.${block}.${layer}.${entry}`
  }
  // The classifier is a Flatten and a Linear; it stands beside the `resnet`, not within.
  return name.replace(/^classifier\.1\.(weight|bias)$/, 'fc.$1')
}
