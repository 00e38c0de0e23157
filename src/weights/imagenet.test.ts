import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StateDict, stateDictProblems } from '../model/index.ts'
import { BUILTIN_WEIGHTS } from '../recipe/index.ts'
import { type DownloadProgress, PartialDownload } from './download.ts'
import { WeightsError } from './errors.ts'
import { startState } from './fit.ts'
import {
  hasKeptImageNet,
  IMAGENET_CONV1_ROW,
  IMAGENET_URL,
  imagenetWeights,
  keptImageNet,
  mirrorAddress,
} from './imagenet.ts'
import { randomState } from './random-state.ts'
import { writeSafetensors } from './safetensors.ts'
import { sha256Hex } from './sha256.ts'
import { builtinWeights, listedWeights } from './sources.ts'
import { memoryStore, type WeightStore } from './store.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server on a port of its own: another origin. */
async function serve(handler: Handler): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked }
}
let servers: Server[] = []
const closeServers = () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  servers = []
}

function withImageNetRow(state: StateDict): StateDict {
  const first = state.get('conv1.weight')
  if (first?.dtype === 'F32') first.data.set(IMAGENET_CONV1_ROW)
  return state
}
/** What the hub's file is in all that is checked, with other values: 46.8 MB. */
const imagenet = writeSafetensors(withImageNetRow(randomState(1000)), { format: 'pt' })

const send =
  (bytes: Uint8Array): Handler =>
  (_, response) => {
    response.setHeader('content-length', bytes.length)
    response.end(bytes)
  }
const nothingListed: Handler = (_, response) => response.end('{"models": []}')
const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof WeightsError ? error.code : error
}

describe('the ImageNet weights', () => {
  let base: string
  let store: WeightStore
  beforeEach(async () => {
    base = (await serve(nothingListed)).url
    store = memoryStore()
  })
  afterEach(closeServers)

  /** A hub that redirects to a second origin, which answers as given. */
  async function hub(answer: Handler): Promise<string> {
    const content = await serve(answer)
    const { url } = await serve((_, response) => {
      response.writeHead(302, { location: `${content.url}signed?for=one-hour` })
      response.end()
    })
    return url
  }

  it('come through the hub’s redirect to another origin, with progress, and are kept', async () => {
    const url = await hub(send(imagenet))
    const seen: DownloadProgress[] = []
    const weights = await imagenetWeights({ base, store, url, onProgress: (progress) => seen.push(progress) })
    expect(weights).toMatchObject({ from: 'network', kept: true, sha256: await sha256Hex(imagenet) })
    expect(Buffer.compare(weights.data, imagenet)).toBe(0)
    expect(seen.length).toBeGreaterThan(10)
    expect(seen.every(({ total }) => total === imagenet.length)).toBe(true)
    expect(seen.map(({ received }) => received)).toEqual(
      seen.map(({ received }) => received).toSorted((a, b) => a - b),
    )
    expect(seen.at(-1)?.received).toBe(imagenet.length)
  })

  it('are read from where they are kept at the next use, with no network at all', async () => {
    const { sha256 } = await imagenetWeights({ base, store, url: await hub(send(imagenet)) })
    closeServers()
    expect(await hasKeptImageNet(store)).toBe(true)
    expect(await imagenetWeights({ base, store })).toMatchObject({ from: 'kept', kept: true, sha256 })
  })

  it('are refused and removed where the kept file changed since', async () => {
    await imagenetWeights({ base, store, url: await hub(send(imagenet)) })
    const name = 'resnet18-imagenet1k.safetensors'
    const bytes = (await store.read(name)) ?? new Uint8Array()
    bytes[bytes.length - 5] ^= 1
    await store.write(name, bytes)
    expect(await failure(keptImageNet(store))).toBe('checksum')
    expect(await store.read(name)).toBeNull()
    expect(await keptImageNet(store)).toBeNull()
    expect(await hasKeptImageNet(store)).toBe(false)
  })

  it('come from the deployer’s copy, where one is listed, without asking the hub', async () => {
    const listed = {
      kind: 'imagenet',
      name: 'ImageNet of this site',
      file: 'resnet18-imagenet1k.safetensors',
      bytes: imagenet.length,
      sha256: await sha256Hex(imagenet),
      classes: 1000,
      license: 'BSD-3-Clause',
      description: '',
      size: 224,
      accuracy: { dataset: 'ImageNet-1k validation', top1: 0.698 },
    }
    const site = await serve(({ url }, response) =>
      response.end(url?.endsWith('index.json') ? JSON.stringify({ models: [listed] }) : imagenet),
    )
    const asked = await serve(send(imagenet))
    const weights = await imagenetWeights({ base: `${site.url}sub/path/`, store, url: asked.url })
    expect(weights).toMatchObject({ from: 'deployer', name: 'ImageNet of this site' })
    expect(site.asked).toEqual(['/sub/path/models/index.json', `/sub/path/models/${listed.file}`])
    expect(asked.asked).toEqual([])
  })

  it('say so where no byte comes in time; a mirror’s address does the same with the same checks', async () => {
    const patience = { first: 50, next: 50 }
    const silent = await serve(() => undefined)
    expect(await failure(imagenetWeights({ base, store, url: silent.url, patience }))).toBe('no-answer')
    const onlyHeaders = await hub((_, response) => response.writeHead(200).flushHeaders())
    expect(await failure(imagenetWeights({ base, store, url: onlyHeaders, patience }))).toBe('no-answer')
    expect(await hasKeptImageNet(store)).toBe(false)
    const mirror = mirrorAddress((await serve(send(imagenet))).url) ?? ''
    expect(mirror.endsWith('/timm/resnet18.tv_in1k/resolve/main/model.safetensors')).toBe(true)
    expect(await imagenetWeights({ base, store, url: mirror })).toMatchObject({ from: 'network', kept: true })
  })

  it('leave nothing behind where the network breaks off, stalls, or the person cancels', async () => {
    const half = imagenet.subarray(0, imagenet.length / 2)
    const start = (response: ServerResponse) => {
      response.setHeader('content-length', imagenet.length)
      response.write(half)
    }
    const breaking = await hub((_, response) => {
      start(response)
      setTimeout(() => response.destroy(), 20)
    })
    expect(await failure(imagenetWeights({ base, store, url: breaking }))).toBe('network')
    const stalling = await hub((_, response) => start(response))
    const patience = { first: 60_000, next: 200 }
    expect(await failure(imagenetWeights({ base, store, url: stalling, patience }))).toBe('network')
    const cancel = new AbortController()
    const cancelled = imagenetWeights({
      base,
      store,
      url: stalling,
      signal: cancel.signal,
      onProgress: ({ received }) => received > half.length / 2 && cancel.abort(),
    })
    expect(await failure(cancelled)).toBe('cancelled')
    expect(await failure(imagenetWeights({ base, store, url: 'http://127.0.0.1:9/' }))).toBe('network')
    expect(await store.read('resnet18-imagenet1k.safetensors')).toBeNull()
    expect(await hasKeptImageNet(store)).toBe(false)
  })

  it('go on where the network broke off, or begin anew where the server cannot do that', async () => {
    const partial = new PartialDownload()
    const half = imagenet.length / 2
    const ranges: (string | undefined)[] = []
    const answer =
      (knowsRanges: boolean): Handler =>
      ({ headers }, response) => {
        ranges.push(headers.range)
        const from = knowsRanges ? Number(headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0) : 0
        response.writeHead(from > 0 ? 206 : 200, { 'content-length': imagenet.length - from })
        response.write(imagenet.subarray(from, Math.max(half, from)))
        // The first answer breaks off in the middle.
        if (ranges.length === 1) setTimeout(() => response.destroy(), 50)
        else response.end(imagenet.subarray(Math.max(half, from)))
      }
    for (const knowsRanges of [true, false]) {
      ranges.length = 0
      const { url } = await serve(answer(knowsRanges))
      store = memoryStore()
      expect(await failure(imagenetWeights({ base, store, url, partial }))).toBe('network')
      const { received } = partial
      expect(received).toBeGreaterThan(0)
      const weights = await imagenetWeights({ base, store, url, partial })
      expect(ranges).toEqual([undefined, `bytes=${received}-`])
      expect(Buffer.compare(weights.data, imagenet)).toBe(0)
      expect(partial.received).toBe(0)
    }
  })

  it('are nothing but torchvision’s ImageNet weights', async () => {
    const refused = async (answer: Handler) =>
      failure(imagenetWeights({ base, store, url: await hub(answer) }))
    expect(await refused(send(writeSafetensors(withImageNetRow(randomState(5)))))).toBe('architecture')
    const small = (name: string) => new Map([[name, withImageNetRow(randomState(5)).get('conv1.weight')!]])
    expect(await refused(send(writeSafetensors(small('stem.weight'))))).toBe('architecture')
    expect(await refused(send(writeSafetensors(randomState(1000))))).toBe('checksum')
    expect(await refused((_, response) => response.end('<html>Log in to the hotel’s network'))).toBe(
      'not-weights',
    )
    expect(await refused((_, response) => response.writeHead(404).end())).toBe('http')
    expect(
      await refused((_, response) =>
        response.writeHead(200, { 'content-length': 10_000_000_000 }).flushHeaders(),
      ),
    ).toBe('http')
    expect(await refused((_, response) => response.end(Buffer.alloc(65_000_000)))).toBe('http')
    expect(await hasKeptImageNet(store)).toBe(false)
  })

  it('are given all the same where the disk is full', async () => {
    const full: WeightStore = {
      ...store,
      write: () => Promise.reject(new WeightsError('storage', 'The disk is full.')),
    }
    const weights = await imagenetWeights({ base, store: full, url: await hub(send(imagenet)) })
    expect(weights).toMatchObject({ from: 'network', kept: false })
    expect(weights.data.length).toBe(imagenet.length)
  })

  it('are asked for at the hub’s address', () => {
    expect(IMAGENET_URL).toBe('https://huggingface.co/timm/resnet18.tv_in1k/resolve/main/model.safetensors')
  })
})

describe('a mirror’s address', () => {
  it('is a whole address, or a host that mirrors the hub', () => {
    expect(mirrorAddress(' hf.example.org ')).toBe(IMAGENET_URL.replace('huggingface.co', 'hf.example.org'))
    expect(mirrorAddress('https://example.org/my/copy.safetensors?x=1')).toBe(
      'https://example.org/my/copy.safetensors?x=1',
    )
    expect(mirrorAddress('')).toBeNull()
    expect(mirrorAddress('not an address')).toBeNull()
    expect(mirrorAddress('https://')).toBeNull()
    expect(mirrorAddress('ftp://example.org/x')).toBeNull()
    expect(mirrorAddress('javascript:alert(1)')).toBeNull()
  })
})

describe('the built-in weights', () => {
  afterEach(closeServers)

  it('are the file that recipes mean, with its size and length as the index says', async () => {
    const bytes = new Uint8Array(readFileSync('public/models/resnet18-imagenet.safetensors'))
    const base = (
      await serve(({ url }, response) =>
        response.end(url?.endsWith('index.json') ? readFileSync('public/models/index.json') : bytes),
      )
    ).url
    const [listed] = await listedWeights(base)
    expect(listed).toMatchObject({
      file: 'resnet18-imagenet.safetensors',
      size: 224,
      classes: null,
      license: 'MIT',
    })
    const { sha256, file } = await builtinWeights(base)
    expect(sha256).toBe(BUILTIN_WEIGHTS.sha256)
    expect(file.classes).toBeNull()
    expect(file.state.size).toBe(120)
    const start = startState(
      file,
      [
        { id: 'a', name: 'a' },
        { id: 'b', name: 'b' },
      ],
      1,
    )
    expect(start.keepsClassifier).toBe(false)
    expect(stateDictProblems(start.state)).toEqual([])
  })

  const file = writeSafetensors(randomState(4))
  const index = async (changes: object = {}) =>
    JSON.stringify({
      models: [
        {
          kind: 'builtin',
          name: 'Small',
          file: 'small.safetensors',
          bytes: file.length,
          sha256: await sha256Hex(file),
          classes: 4,
          license: 'MIT',
          description: '',
          size: 64,
          accuracy: { dataset: 'x', top1: 0.5 },
          ...changes,
        },
      ],
    })
  const site = async (text: string) =>
    (await serve(({ url }, response) => response.end(url?.endsWith('index.json') ? text : file))).url

  it('are the file that the index lists, checked', async () => {
    const weights = await builtinWeights(await site(await index()))
    expect(weights).toMatchObject({ kind: 'builtin', name: 'Small', bytes: file.length })
    expect(weights.file.classes).toBe(4)
  })

  it('are refused where file and index differ, or the index is none', async () => {
    expect(await failure(builtinWeights(await site(await index({ sha256: '0'.repeat(64) }))))).toBe(
      'checksum',
    )
    expect(await failure(builtinWeights(await site(await index({ file: '../secret.pth' }))))).toBe(
      'not-weights',
    )
    expect(await failure(builtinWeights(await site('<html>')))).toBe('not-weights')
    expect(await failure(builtinWeights(await site('{"models": []}')))).toBe('not-weights')
    closeServers()
    expect(await failure(builtinWeights('http://127.0.0.1:9/'))).toBe('network')
  })
})
