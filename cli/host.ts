/**
 * Chromium with the headless page in it, and the server between them. A throwaway profile, a free port, an address
 * for files that nothing else can guess.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromiumPath, HEADLESS, SOFTWARE_WEBGPU } from '../scripts/chromium.mjs'
import { serve } from '../scripts/serve.mjs'
import {
  type HeadlessMessage,
  type HeadlessRequest,
  headlessMessageSchema,
  REPORT_BINDING,
} from '../src/headless/protocol.ts'

/** WebGPU on a graphics card: off by default in headless Chromium on Linux. */
const HARDWARE_WEBGPU = [...HEADLESS, '--enable-unsafe-webgpu', '--enable-features=Vulkan,WebGPU']

/** Files by the path below the token: what the page may fetch, and what it has put. */
export interface Exchange {
  offered: Map<string, Uint8Array<ArrayBuffer>>
  put: Map<string, Uint8Array<ArrayBuffer>>
}

type Gpu = Extract<HeadlessMessage, { type: 'ready' }>['gpu']

export interface Host extends AsyncDisposable {
  page: Page
  /** The page's own address. */
  address: string
  exchange: Exchange
  /** Address below which the page exchanges files. */
  transfer: string
}

/** Flags to start again with; null where what is there suits. Software is only for those who ask for WebGPU by name. */
function otherFlags(needsWebGpu: boolean, gpu: Gpu): readonly string[] | null {
  if (needsWebGpu) return gpu === 'none' ? SOFTWARE_WEBGPU : null
  return gpu === 'software' ? HEADLESS : null
}

/**
 * Opens `headless.html` and waits until it listens. Where `needsWebGpu` and there is no graphics card, Chromium is
 * started again with its software adapter. Messages after `ready` go to `onMessage`; a crash goes to `onCrash`.
 */
export async function openHost(
  dist: string,
  needsWebGpu: boolean,
  onMessage: (message: HeadlessMessage) => void,
  onCrash: (reason: string) => void,
): Promise<Host> {
  const exchange: Exchange = { offered: new Map(), put: new Map() }
  const token = `/exchange-${randomBytes(16).toString('hex')}/`
  const { server, address } = await serve(dist, 0, (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith(token)) return false
    // A request that breaks off has nobody left to be answered; why it did is said by whoever sent it.
    answer(exchange, decodeURIComponent(request.url.slice(token.length)), request, response).catch(() =>
      response.destroy(),
    )
    return true
  })
  const open = (args: readonly string[]) => openPage(`${address}headless.html`, args, onMessage, onCrash)
  try {
    let browser = await open(HARDWARE_WEBGPU)
    const args = otherFlags(needsWebGpu, browser.gpu)
    if (args) {
      await browser.close()
      browser = await open(args)
    }
    return {
      page: browser.page,
      address,
      exchange,
      transfer: token,
      async [Symbol.asyncDispose]() {
        await browser.close()
        await closeServer(server)
      },
    }
  } catch (error) {
    await closeServer(server)
    throw error
  }
}

async function openPage(
  address: string,
  args: readonly string[],
  onMessage: (message: HeadlessMessage) => void,
  onCrash: (reason: string) => void,
) {
  const profile = await mkdtemp(join(tmpdir(), 'tabtune-profile-'))
  let context: BrowserContext | undefined
  let closing = false
  const close = async () => {
    closing = true
    await context?.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    // Ctrl-C is the command line's to answer: it stops the run first.
    const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
    context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath(),
      args: [...args],
      headless: true,
      ...signals,
    })
    context.on('close', () => {
      if (!closing) onCrash('Chromium was closed')
    })
    const page = context.pages()[0] ?? (await context.newPage())
    page.on('crash', () => onCrash('the tab crashed'))
    page.on('pageerror', (error) => onCrash(error.message))
    let answer: (gpu: Gpu) => void = () => {}
    const ready = new Promise<Gpu>((resolve, reject) => {
      answer = resolve
      page.on('pageerror', reject)
    })
    // The page may break before anyone waits for it.
    ready.catch(() => {})
    await page.exposeBinding(REPORT_BINDING, (_source, message: unknown) => {
      const parsed = headlessMessageSchema.parse(message)
      if (parsed.type === 'ready') answer(parsed.gpu)
      else onMessage(parsed)
    })
    await page.goto(address)
    return { page, gpu: await ready, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** GET gives an offered file, PUT keeps one. */
async function answer(exchange: Exchange, name: string, request: IncomingMessage, response: ServerResponse) {
  if (request.method === 'PUT') {
    exchange.put.set(name, new Uint8Array(await buffer(request)))
    response.writeHead(204).end()
    return
  }
  const bytes = exchange.offered.get(name)
  if (!bytes) response.writeHead(404).end()
  else response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(bytes)
}

const closeServer = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

/** Starts a run: hands the request over, then drops the folder on the page as a person would. */
export async function startRun(host: Host, request: HeadlessRequest, folder: string): Promise<void> {
  await host.page.evaluate((document) => window.tabtune.start(document), request)
  await dropFolder(host.page, folder)
}

/** Ends the run after its current step. */
export const stopRun = (host: Host) => host.page.evaluate(() => window.tabtune.stop())

/** A real drop of a real folder: the page gets a directory handle, as from a person's file manager. */
export async function dropFolder(page: Page, folder: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data })
  await session.detach()
}

/** How a run ends, as the page will say it: a promise, and what settles it. */
export function awaitEnd() {
  let finish: (end: End) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const ended = new Promise<End>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  // Chromium may crash before anyone waits for the end.
  ended.catch(() => {})
  return { ended, finish, fail }
}
export type End = Extract<HeadlessMessage, { type: 'end' }>
