/** The page by keyboard alone: where focus is, that it can be seen, and that it is never lost. */
import type { Locator, Page } from '@playwright/test'
import { expect } from './page.ts'

/** More controls than ever stand on the page. */
const MOST_STOPS = 200
/** More than any row of tabs or choices has. */
const MOST_IN_GROUP = 20

/** What a screen reader is given to say from now on: each new text of a live region. */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  const heard: string[] = []
  await page.exposeFunction('hear', (line: string) => heard.push(line))
  await page.evaluate(() => {
    const live = '[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]'
    const said = new WeakMap<Element, string>()
    new MutationObserver((changes) => {
      const regions = new Set<Element>()
      for (const { target, addedNodes } of changes) {
        const around = (target instanceof Element ? target : target.parentElement)?.closest(live)
        if (around) regions.add(around)
        for (const added of addedNodes)
          if (added instanceof Element)
            for (const region of [added, ...added.querySelectorAll('*')])
              if (region.matches(live)) regions.add(region)
      }
      for (const region of regions) {
        const line = region.textContent ?? ''
        if (line && said.get(region) !== line) Reflect.get(window, 'hear')(line)
        said.set(region, line)
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  return async () => heard
}

export class Keyboard {
  /** Controls whose look did not change by having focus. */
  readonly unseen = new Set<string>()
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Presses Tab (or Shift+Tab) until `wanted` has focus. */
  async goTo(wanted: Locator, { back = false } = {}): Promise<void> {
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await this.#isAt(wanted)) return
      await this.#leave(back ? 'Shift+Tab' : 'Tab')
    }
    throw new Error(`${wanted} is not reached by ${MOST_STOPS} tabs`)
  }

  /** Goes there and presses a key on it. */
  async press(wanted: Locator, key: 'Enter' | 'Space', way?: { back: boolean }): Promise<void> {
    await this.goTo(wanted, way)
    await this.page.keyboard.press(key)
  }

  /** From one of a group (tabs, radio buttons), presses the arrow until `wanted` has focus. */
  async arrowTo(wanted: Locator): Promise<void> {
    for (let step = 0; step < MOST_IN_GROUP; step++) {
      if (await this.#isAt(wanted)) return
      await this.#leave('ArrowRight')
    }
    throw new Error(`${wanted} is not reached by arrows`)
  }

  /** Goes to a field and replaces what stands in it. */
  async type(wanted: Locator, text: string): Promise<void> {
    await this.goTo(wanted)
    await this.page.keyboard.press('ControlOrMeta+A')
    await this.page.keyboard.type(text)
  }

  /** After something has happened: focus stands on a part of the page, not on nothing. */
  async expectFocus(): Promise<void> {
    await expect
      .poll(() => this.page.evaluate(() => document.activeElement?.tagName.toLowerCase()))
      .not.toBe('body')
  }

  async #isAt(wanted: Locator): Promise<boolean> {
    if ((await wanted.count()) === 0) return false
    return wanted.first().evaluate((element) => element === document.activeElement)
  }

  /** Moves on, and notes where the control left behind looks the same without focus as with it. */
  async #leave(key: 'Tab' | 'Shift+Tab' | 'ArrowRight'): Promise<void> {
    // Each look is taken together with where focus is: the page may move it in between (a panel that was still being
    // fetched takes it, and gives it back).
    const focused = await this.page.evaluateHandle(() => document.activeElement)
    const before = await this.page.evaluate(lookOf, focused)
    await this.page.keyboard.press(key)
    const after = await this.page.evaluate(lookOf, focused)
    // A control that disappears by being left (a tooltip's, a popover's) has no look without focus.
    if (before?.hasFocus && after && !after.hasFocus && after.look === before.look)
      this.unseen.add(before.name)
    await focused.dispose()
  }
}

/** Outline, shadow, border and background of a control and of what is drawn for it (a hidden input has its label). */
function lookOf(element: Element | null): { name: string; look: string; hasFocus: boolean } | null {
  if (!(element instanceof HTMLElement) || element === document.body || !element.isConnected) return null
  // As it is at rest: within a transition a control with focus still looks like one without.
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish()
  const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : []
  const around = [element, element.parentElement, element.nextElementSibling, ...labels]
  const drawn = around.flatMap((part) => (part ? [part, ...part.children] : []))
  const look = drawn.map((part) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } =
      getComputedStyle(part)
    return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor].join()
  })
  const name = element.getAttribute('aria-label') ?? element.dataset.testid ?? element.textContent
  return {
    name: `${element.tagName.toLowerCase()} ${name?.slice(0, 60)}`,
    look: look.join('\n'),
    hasFocus: element === document.activeElement,
  }
}
