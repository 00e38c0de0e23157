/** What can be wrong with a weight file, a source or a download. The page translates `code`; `message` is the detail. */

export type WeightsErrorCode =
  /** The file ends before what its header announces. */
  | 'truncated'
  /** Neither safetensors nor a PyTorch file, or a broken one. */
  | 'not-weights'
  /** Tensors, but not torchvision's ResNet-18. */
  | 'architecture'
  /** A value is NaN or infinite. */
  | 'not-finite'
  /** A PyTorch file that asks for code to be run. */
  | 'unsafe'
  /** Well formed, but of a kind that is not read (a dtype, TorchScript, big-endian). */
  | 'unsupported'
  /** No byte came within the time allowed. */
  | 'no-answer'
  /** The connection failed or broke off. */
  | 'network'
  /** The server answered with something else than the file. */
  | 'http'
  /** The bytes are not those that were expected. */
  | 'checksum'
  | 'cancelled'
  /** The browser's file system refused (full, or not allowed). */
  | 'storage'

export class WeightsError extends Error {
  override readonly name = 'WeightsError'
  readonly code: WeightsErrorCode

  /** @param detail one sentence that says what was found and where. */
  constructor(code: WeightsErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}
