/** One file over the network: progress, cancel, and a word when nothing comes. */
import { WeightsError } from './errors.ts'

export interface DownloadProgress {
  /** Bytes so far. */
  received: number
  /** Bytes of the whole file; null where the server does not say. */
  total: number | null
}

/** What came of a file before its download broke off. */
export class PartialDownload {
  url = ''
  chunks: Uint8Array[] = []
  /** Bytes in `chunks`. */
  received = 0

  /** Begins anew, for a file at this address. */
  begin(url: string): void {
    this.url = url
    this.chunks = []
    this.received = 0
  }

  add(chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.received += chunk.length
  }

  /** All bytes in one piece; nothing is held any more. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.received)
    let position = 0
    for (const chunk of this.chunks) {
      bytes.set(chunk, position)
      position += chunk.length
    }
    this.begin('')
    return bytes
  }
}

export interface DownloadOptions {
  signal?: AbortSignal
  onProgress?: (progress: DownloadProgress) => void
  /** Refuses to receive more bytes than this. */
  largest: number
  /** How long to wait for the first byte, and later for each next one, in ms. */
  patience?: { first: number; next: number }
  /**
   * Holds what came where the download breaks off; given again with the same address, the download goes on behind it
   * (HTTP ranges), or begins anew where the server does not do that.
   */
  partial?: PartialDownload
  /** `no-store` where the caller keeps the file itself. */
  cache?: RequestCache
}

/** No byte within 10 s: the person is told, and offered another way. */
const PATIENCE = { first: 10_000, next: 30_000 }

/**
 * Follows redirects, sends no cookies and no referrer.
 * @throws WeightsError: `no-answer` (no byte within `patience.first`), `network` (not reached, broken off or stalled),
 * `http` (a status, or more bytes than `largest`), `cancelled`.
 */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, cache = 'default', patience = PATIENCE, partial = new PartialDownload() } = options
  const watch = new Watch(signal)
  if (partial.url !== url) partial.begin(url)
  const before = partial.received
  try {
    watch.expect(
      patience.first,
      new WeightsError('no-answer', `No byte came from ${url} within ${patience.first / 1000} s.`),
    )
    const response = await fetch(url, {
      signal: watch.signal,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache,
      headers: before > 0 ? { range: `bytes=${before}-` } : undefined,
    })
    if (!response.ok) throw new WeightsError('http', `${url} answered ${response.status}.`)
    // The whole file instead of its rest.
    if (response.status !== 206) partial.begin(url)
    await receive(url, response, partial, options, watch)
    return partial.take()
  } catch (error) {
    // Going on did not work: the next try begins anew.
    if (before > 0 && partial.received === before) partial.begin(url)
    if (signal?.aborted) throw new WeightsError('cancelled', 'The download was cancelled.', { cause: error })
    if (watch.expired) throw watch.expired
    if (error instanceof WeightsError) throw error
    throw new WeightsError('network', `${url} could not be fetched: ${messageOf(error)}`, { cause: error })
  } finally {
    watch.end()
  }
}

async function receive(
  url: string,
  response: Response,
  partial: PartialDownload,
  { onProgress, largest, patience = PATIENCE }: DownloadOptions,
  watch: Watch,
): Promise<void> {
  const announced = announcedLength(response)
  const total = announced === null ? null : partial.received + announced
  const check = (bytes: number) => {
    if (bytes > largest) throw new WeightsError('http', `${url} sends ${bytes} bytes, more than ${largest}.`)
  }
  check(total ?? 0)
  const stalled = new WeightsError('network', `No byte came from ${url} for ${patience.next / 1000} s.`)
  // Not `for await`: Safari cannot iterate a stream.
  const reader = response.body?.getReader()
  for (;;) {
    const part = await reader?.read()
    if (!part?.value) break
    watch.expect(patience.next, stalled)
    partial.add(part.value)
    check(partial.received)
    onProgress?.({ received: partial.received, total })
  }
  if (total !== null && partial.received !== total)
    throw new WeightsError('network', `${url} broke off after ${partial.received} of ${total} bytes.`)
}

/** In bytes; null where it is not said, or counts compressed bytes. */
function announcedLength(response: Response): number | null {
  const length = response.headers.get('content-length')
  return length === null || response.headers.has('content-encoding') ? null : Number(length)
}

/** Ends a fetch when the person cancels or nothing comes for too long. */
class Watch {
  readonly #controller = new AbortController()
  readonly signal: AbortSignal
  expired: WeightsError | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal ? AbortSignal.any([signal, this.#controller.signal]) : this.#controller.signal
  }

  /** From now on something must come within `ms`, or the fetch ends with `error`. */
  expect(ms: number, error: WeightsError): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.expired = error
      this.#controller.abort(error)
    }, ms)
  }

  /** Ends the fetch, if it still goes on, and the waiting. */
  end(): void {
    clearTimeout(this.#timer)
    this.#controller.abort()
  }
}

/** undici and browsers say "fetch failed"; the cause says why. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
