/** What is written alike in every language. For tests that look for untranslated words. */

/** Programs, networks and their layers, formats, keys. */
const NAMES = [
  ...[
    'Tabtune',
    'PyTorch',
    'torchvision',
    'timm',
    'transformers',
    'ML\\.NET',
    '\\.NET Foundation',
    'TensorFlow(?:\\.js)?',
    'React',
    'Mantine',
    'Teachable Machine',
    'fastai',
    'TrashNet',
    'Gary Thung',
    'Mindy Yang',
  ],
  ...[
    'ResNet-18',
    '(?:Tiny-)?ImageNet',
    'AdamW?',
    'SGD',
    'WebGPU',
    'WebAssembly',
    'WebKit',
    'SIMD',
    'GPU',
    'CPU',
  ],
  ...['conv\\d', 'bn\\d', 'relu', 'maxpool', 'avgpool', 'downsample', 'stem', 'layer\\d', 'weight', 'bias'],
  // torchvision's operations with their arguments, and PyTorch's words for a schedule and a mode.
  ...[
    'Random[A-Z]\\w+',
    'ColorJitter',
    'Resize',
    'CenterCrop',
    'degrees',
    'size',
    'scale',
    'ratio',
    'brightness',
    'contrast',
  ],
  ...['torch\\.save', 'model\\.state_dict', 'state_dict', 'resnet18', 'float32'],
  ...['saturation', 'hue', 'StepLR', 'gamma', 'eval', 'fc', 'Winograd'],
  ...[
    'Chrome',
    'Chromium',
    'Edge',
    'Firefox',
    'Safari',
    'Brave',
    'Windows',
    'macOS',
    'Linux',
    'Android',
    'iPhone',
  ],
  ...['iOS', 'GitHub', 'huggingface\\.co', 'localhost', 'https?', 'Apache', 'BSD', 'MIT', 'SwiftShader'],
  ...['quick', 'standard', 'best', 'course'].map((preset) => `“${preset}”`),
  // A table's columns and splits, as they must be written.
  ...['file', 'label', 'split', 'train', 'valid', 'test'].map((column) => `“${column}”`),
  ...['JPEG', 'PNG', 'WebP', 'AVIF', 'GIF', 'BMP', 'HEIC', 'HEIF', 'TIFF', 'SVG', 'ZIP', 'CMYK', 'EXIF'],
  ...['JSON', 'CSV', 'URL', 'USB', 'safetensors', 'Ctrl', 'Esc', 'Enter', 'Tab', 'Shift'],
]
const NAME = new RegExp(`(?<![A-Za-z])(?:${NAMES.join('|')})(?![A-Za-z])`, 'gi')
/** Paths, file names and endings. */
const FILE =
  /[\w./%*-]*\.(?:jpe?g|png|webp|hei[cf]|tiff?|safetensors|pth?|json|csv|zip|txt|html?)\b|\b[\w-]+(?:\/[\w.-]+)+\/?/gi
/** An example of a JSON file. */
const JSON_EXAMPLE = /\{".*"\}/g
/** The folders that the page knows by name. */
const FOLDER = /\b(?:train|valid|val|test)\b(?=\s*(?:和|与|或|、|\/|文件夹|\b(?:train|valid|val|test)\b))/g
/** The English term behind the Chinese one, in brackets. */
const TERM = /(?<=[\p{Script=Han}”]\s*)[(（][a-z -]+[)）]/giu

/** A text without what is no word of any language. */
export const withoutNames = (text: string): string =>
  [JSON_EXAMPLE, FILE, FOLDER, TERM, NAME].reduce((rest, pattern) => rest.replace(pattern, ' '), text)
