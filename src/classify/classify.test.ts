import { afterEach, expect, test, vi } from 'vitest'
import { cameraFailure, InsecureAddressError } from './camera.ts'
import { classifyLoop, nextVisibleFrame } from './loop.ts'
import { centreSquare, classifiedSquare } from './square.ts'

afterEach(() => vi.unstubAllGlobals())

test('of a wide picture the middle square is taken, of a tall one too', () => {
  expect(centreSquare(1280, 720)).toEqual({ x: 280, y: 0, side: 720 })
  expect(centreSquare(480, 640)).toEqual({ x: 0, y: 80, side: 480 })
})

test('the network sees the middle two thirds where 96 px are cropped to 64', () => {
  expect(classifiedSquare(1280, 720, { mode: 'both', resize: 96, crop: 64 })).toEqual({
    x: 400,
    y: 120,
    side: 480,
  })
  expect(classifiedSquare(256, 256, { mode: 'short', resize: 256, crop: 224 })).toEqual({
    x: 16,
    y: 16,
    side: 224,
  })
})

test('camera failures are told apart by the exception that the browser gives', () => {
  expect(cameraFailure(new DOMException('', 'NotAllowedError'))).toBe('denied')
  expect(cameraFailure(new DOMException('', 'NotFoundError'))).toBe('none')
  expect(cameraFailure(new DOMException('', 'NotReadableError'))).toBe('busy')
  expect(cameraFailure(new InsecureAddressError('http'))).toBe('insecure')
  expect(cameraFailure(new Error('x'))).toBe('unknown')
})

test('the loop classifies until it is aborted, and tells the rate', async () => {
  const stop = new AbortController()
  let clock = 0
  const rates: (number | null)[] = []
  let grabbed = 0
  await classifyLoop({
    // The camera's first frame is late.
    grab: async () => (grabbed++ === 0 ? null : { pixels: new Uint8Array(12), size: 2 }),
    classify: async () => {
      clock += 50
      return { top: [{ label: 0, name: 'ants', probability: 1 }] }
    },
    onResult: (_, rate) => {
      rates.push(rate)
      if (rates.length === 3) stop.abort()
    },
    nextFrame: async () => true,
    signal: stop.signal,
    now: () => clock,
  })
  expect(rates).toEqual([null, 20, 20])
  expect(grabbed).toBe(4)
})

test('nothing is told after the abort, even where an answer was under way', async () => {
  const stop = new AbortController()
  let told = 0
  await classifyLoop({
    grab: async () => ({ pixels: new Uint8Array(12), size: 2 }),
    classify: async () => {
      stop.abort()
      return { top: [] }
    },
    onResult: () => told++,
    nextFrame: async () => true,
    signal: stop.signal,
  })
  expect(told).toBe(0)
})

test('the time in a hidden tab is no part of the rate', async () => {
  const stop = new AbortController()
  let clock = 0
  let frames = 0
  const rates: (number | null)[] = []
  await classifyLoop({
    grab: async () => ({ pixels: new Uint8Array(12), size: 2 }),
    classify: async () => {
      clock += 50
      return { top: [] }
    },
    onResult: (_, rate) => {
      rates.push(rate)
      if (rates.length === 4) stop.abort()
    },
    nextFrame: async () => {
      if (++frames !== 2) return true
      clock += 60_000
      return false
    },
    signal: stop.signal,
    now: () => clock,
  })
  expect(rates).toEqual([null, 20, 20, 20])
})

test('a picture is taken only when the one before is answered', async () => {
  const stop = new AbortController()
  let underWay = 0
  let most = 0
  let answered = 0
  await classifyLoop({
    grab: async () => ({ pixels: new Uint8Array(12), size: 2 }),
    classify: async () => {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setTimeout(resolve))
      underWay--
      if (++answered === 5) stop.abort()
      return { top: [] }
    },
    onResult: () => {},
    nextFrame: async () => true,
    signal: stop.signal,
  })
  expect(most).toBe(1)
})

/** A tab whose frames come when `frame` is called. */
function tab(hidden: boolean) {
  const page = Object.assign(new EventTarget(), { hidden })
  let frame = () => {}
  vi.stubGlobal('document', page)
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    frame = callback
  })
  const show = (isHidden: boolean) => {
    page.hidden = isHidden
    page.dispatchEvent(new Event('visibilitychange'))
  }
  return { show, frame: () => frame() }
}

test('the next picture waits for a frame, and a frame after a hidden tab is told apart', async () => {
  const { signal } = new AbortController()
  const shown = tab(false)
  const next = nextVisibleFrame(signal)
  shown.frame()
  expect(await next).toBe(true)

  const left = tab(false)
  const late = nextVisibleFrame(signal)
  left.show(true)
  left.show(false)
  left.frame()
  expect(await late).toBe(false)
})

test('a hidden tab takes no picture, and an abort ends the wait', async () => {
  const stop = new AbortController()
  tab(true)
  const next = nextVisibleFrame(stop.signal)
  stop.abort()
  expect(await next).toBe(false)
})
