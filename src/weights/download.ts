/** One file over the network: progress, cancel, and a word when nothing comes. */
import { WeightsError } from './errors.ts'

export interface DownloadProgress {
  /** Bytes so far. */
  received: number
  /** Bytes of the whole file; null where the server does not say. */
  total: number | null
}

export interface DownloadOptions {
  signal?: AbortSignal
  onProgress?: (progress: DownloadProgress) => void
  /** Refuses to receive more bytes than this. */
  largest: number
  /** How long to wait for the first byte, and later for each next one, in ms. */
  patience?: { first: number; next: number }
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
  const { signal, cache = 'default', patience = PATIENCE } = options
  const watch = new Watch(signal)
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
    })
    if (!response.ok) throw new WeightsError('http', `${url} answered ${response.status}.`)
    return await receive(url, response, options, watch)
  } catch (error) {
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
  { onProgress, largest, patience = PATIENCE }: DownloadOptions,
  watch: Watch,
): Promise<Uint8Array<ArrayBuffer>> {
  const total = announcedLength(response)
  const check = (bytes: number) => {
    if (bytes > largest) throw new WeightsError('http', `${url} sends ${bytes} bytes, more than ${largest}.`)
  }
  check(total ?? 0)
  const chunks: Uint8Array[] = []
  let received = 0
  const stalled = new WeightsError('network', `No byte came from ${url} for ${patience.next / 1000} s.`)
  // Not `for await`: Safari cannot iterate a stream.
  const reader = response.body?.getReader()
  for (;;) {
    const part = await reader?.read()
    if (!part?.value) break
    watch.expect(patience.next, stalled)
    chunks.push(part.value)
    received += part.value.length
    check(received)
    onProgress?.({ received, total })
  }
  if (total !== null && received !== total)
    throw new WeightsError('network', `${url} broke off after ${received} of ${total} bytes.`)
  const bytes = new Uint8Array(received)
  let position = 0
  for (const chunk of chunks) {
    bytes.set(chunk, position)
    position += chunk.length
  }
  return bytes
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
