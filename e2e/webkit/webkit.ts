/** WebKitGTK's MiniBrowser, driven over classic WebDriver on a display of its own (`xvfb-run`). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { z } from 'zod'

const DRIVER = 'WebKitWebDriver'
const BROWSERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec'].flatMap(
  (folder) => ['4.1', '6.0', '4.0'].map((version) => `${folder}/webkit2gtk-${version}/MiniBrowser`),
)
const PORT = 4467

/** Whether Debian's `webkit2gtk-driver` and `xvfb` are installed. */
export const hasWebKit = (): boolean =>
  BROWSERS.some((path) => existsSync(path)) &&
  [DRIVER, 'xvfb-run'].every((program) => spawnSync('which', [program]).status === 0)

const answerSchema = z.object({ value: z.unknown() })
const failureSchema = z.object({ error: z.string(), message: z.string() })
const sessionSchema = z.object({ sessionId: z.string() })
/** WebDriver names an element by one key of its own. */
const elementSchema = z.record(z.string(), z.string()).transform((value) => Object.values(value)[0])

export class WebKit {
  private constructor(
    private readonly driver: ChildProcess,
    private readonly session: string,
  ) {}

  static async open(): Promise<WebKit> {
    const driver = spawn('xvfb-run', ['-a', '-s', '-screen 0 1366x900x24', DRIVER, `--port=${PORT}`], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, WEBKIT_DISABLE_DMABUF_RENDERER: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
    })
    const binary = BROWSERS.find((path) => existsSync(path))
    const capabilities = {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } },
    }
    const opened = await until(() => send('POST', '/session', { capabilities }))
    return new WebKit(driver, `/session/${sessionSchema.parse(opened).sessionId}`)
  }

  goTo = (url: string): Promise<unknown> => this.send('POST', '/url', { url })

  /** The value of a script in the page. */
  run = (script: string, ...args: unknown[]): Promise<unknown> =>
    this.send('POST', '/execute/sync', { script, args })

  /** The id of the element with a test id, once it is there. */
  async find(testId: string): Promise<string> {
    const using = { using: 'css selector', value: `[data-testid="${testId}"]` }
    return elementSchema.parse(await until(() => this.send('POST', '/element', using)))
  }

  async click(testId: string): Promise<void> {
    const element = await this.find(testId)
    await until(() => this.send('POST', `/element/${element}/click`, {}))
  }

  async type(testId: string, text: string): Promise<void> {
    await this.send('POST', `/element/${await this.find(testId)}/value`, { text })
  }

  async clear(testId: string): Promise<void> {
    await this.send('POST', `/element/${await this.find(testId)}/clear`, {})
  }

  async close(): Promise<void> {
    await this.send('DELETE', '').catch(() => undefined)
    if (this.driver.pid !== undefined) process.kill(-this.driver.pid)
  }

  private send(method: string, path: string, body?: unknown): Promise<unknown> {
    return send(method, this.session + path, body)
  }
}

async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const { value } = answerSchema.parse(await response.json())
  const failure = failureSchema.safeParse(value)
  if (failure.success) throw new Error(`${failure.data.error}: ${failure.data.message}`)
  return value
}

/** Tries again until it works, 20 seconds at most. @throws what the last try threw */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 80) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}
