/** Which sentence says what computes, and why. Pure: the words stand in the translations (`engine.words`). */
import type { BrowserFindings } from '../../browser/index.ts'
import type { Recipe } from '../../recipe/index.ts'
import type { EngineInfo } from '../../training/events.ts'
import type { ProbeResult } from '../../training/trainer-api.ts'

export interface EngineState {
  /** What the running (or last) run computed with. */
  ran: EngineInfo | null
  named: Recipe['engine']
  probe: ProbeResult | null
  probing: boolean
  browser: BrowserFindings | null
}

export type EngineWords =
  | 'unknown'
  | 'measuring'
  | 'webgpu'
  | 'webgpu_software'
  | 'no_webgpu'
  | 'no_gpu'
  | 'insecure'
  | 'software'
  | 'slower'
  | 'named_webgpu'
  | 'named_wasm'
  | 'named'

/** `rate` in photos a second at 64 px with all layers learning; null where it was not measured. */
export interface EngineSaid {
  words: EngineWords
  engine: EngineInfo['engine'] | null
  rate: number | null
}

export function engineSaid({ ran, named, probe, probing, browser }: EngineState): EngineSaid {
  const engine = ran?.engine ?? (named === 'auto' ? probe?.chosen : named) ?? null
  const rate = (engine === 'cpu' || engine === null ? null : probe?.rates[engine]) ?? null
  if (engine === null) return { words: probing ? 'measuring' : 'unknown', engine, rate }
  if (engine === named) return { words: rate === null ? 'named' : `named_${named}`, engine, rate }
  if (rate === null) return { words: 'named', engine, rate }
  if (engine === 'webgpu')
    return { words: browser?.webgpu === 'software' ? 'webgpu_software' : 'webgpu', engine, rate }
  return { words: whyProcessor(browser, probe), engine, rate }
}

function whyProcessor(browser: BrowserFindings | null, probe: ProbeResult | null): EngineWords {
  if (!browser) return 'no_gpu'
  if (browser.webgpu === 'none') return browser.secure ? 'no_webgpu' : 'insecure'
  if (browser.webgpu === 'software') return 'software'
  return browser.webgpu === 'adapter' && probe?.rates.webgpu !== undefined ? 'slower' : 'no_gpu'
}
