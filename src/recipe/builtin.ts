/** Which weights are built in, by their hash: a recipe means these and no others that may stand there later or did before. */

/** `public/models/resnet18-imagenet.safetensors`. */
export const BUILTIN_WEIGHTS = {
  kind: 'builtin',
  sha256: '81ee87a706d8ae89809edf1efdb1c4a6a7822eb9c4b1e7ae030b7d845df15170',
} as const

/**
 * What was built in before: trained on Tiny-ImageNet at 64 px. Recipes of that time say `{"kind": "builtin"}` and no
 * hash. Who has the file can still start from it.
 */
export const FORMER_BUILTIN_WEIGHTS = {
  kind: 'file',
  name: 'resnet18-builtin.safetensors',
  sha256: '0d608f7e47a706467a46fb61f09dbcf8ec832230580fefeda50fe14329400d4d',
} as const

type Source = typeof BUILTIN_WEIGHTS | { kind: 'file'; name: string; sha256: string }

/**
 * The built-in weights that a document names, as they are to be had now: those that are not built in here are a file
 * to be given.
 */
export function presentBuiltin(sha256: string | undefined): Source {
  if (sha256 === BUILTIN_WEIGHTS.sha256) return BUILTIN_WEIGHTS
  if (sha256 === undefined || sha256 === FORMER_BUILTIN_WEIGHTS.sha256) return FORMER_BUILTIN_WEIGHTS
  return { kind: 'file', name: `builtin-${sha256.slice(0, 8)}.safetensors`, sha256 }
}

/** Whether a run would start from weights that were built in once and are not any more. */
export const isFormerBuiltin = (source: { kind: string; sha256?: string }): boolean =>
  source.kind === 'file' && source.sha256 === FORMER_BUILTIN_WEIGHTS.sha256
