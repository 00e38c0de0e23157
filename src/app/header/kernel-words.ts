/** What the names of convolution families and of wasm's kernels say, as keys of `about.kernels.family`. */

const WORDS = ['registers', 'quads', 'workgroup', 'winograd', 'f16', 'fma', 'simd', 'shared'] as const
export type KernelWord = (typeof WORDS)[number]

/** The words that some of the names are made of, in the order in which they are explained. */
export const kernelWords = (families: readonly string[]): KernelWord[] =>
  WORDS.filter((word) => families.some((family) => family.split('-').includes(word)))
