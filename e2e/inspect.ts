/** What is wrong with the page as it stands, for whoever cannot see it, click it or read its language. */
import type { Page } from '@playwright/test'
import axe from 'axe-core'
import { withoutNames } from '../src/app/i18n/names.ts'
import { DRAWN_CLASSES } from '../tests/drawn-photos/draw.ts'

declare global {
  interface Window {
    axe: typeof axe
  }
}

export type Language = 'en' | 'zh'

/** WCAG 2.2 at level AA with its target sizes, and axe's good practices (landmarks, headings). */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** One line for each thing that is wrong in a state of the page. */
export async function inspect(page: Page, state: string, language: Language): Promise<string[]> {
  await settled(page)
  const found = [
    ...(await axeFindings(page)),
    ...(await cutOff(page)),
    ...(await primaryButtons(page)),
    ...foreign(await wordsOf(page), language),
  ]
  return found.map((finding) => `${state}: ${finding}`)
}

/** Fades would give axe half-transparent text: it looks once nothing moves any more. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished),
    ),
  )
}

/** One line a finding: the rule, and where. axe runs in the page itself, which has no frames: ten times as fast as frame by frame. */
export async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const found = await page.evaluate(
    (tags) =>
      window.axe.run(document, {
        runOnly: { type: 'tag', values: tags },
        resultTypes: ['violations'],
      }),
    RULES,
  )
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`),
  )
}

/** Sideways scrolling of the whole page, controls beyond its edge, and words that a control has no room for. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const root = document.documentElement
    if (root.scrollWidth > root.clientWidth + 1)
      found.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`)
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    for (const control of document.querySelectorAll<HTMLElement>(
      'button, a[href], input, select, textarea, [role=switch], [role=tab], [role=slider]',
    )) {
      if (!control.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue
      const name = control.getAttribute('aria-label') ?? (control.textContent || control.dataset.testid)
      const { left, right, width } = control.getBoundingClientRect()
      if (width > 0 && !scrolls(control) && (left < -1 || right > root.clientWidth + 1))
        found.push(`beyond the edge (${Math.round(left)} to ${Math.round(right)} px): ${name}`)
      // A label with an ellipsis has a title that tells the rest.
      for (const part of [control, ...control.querySelectorAll<HTMLElement>('*')]) {
        const clips =
          getComputedStyle(part).overflowX !== 'visible' && !/^(INPUT|TEXTAREA)$/.test(part.tagName)
        // What is there for screen readers alone is one pixel wide.
        const isSeen = part.clientWidth > 1
        if (isSeen && clips && part.scrollWidth > part.clientWidth + 1 && !part.closest('[title]'))
          found.push(`no room for its words: ${name}`)
      }
    }
    return found
  })
}

/** At most one filled button stands on the page. */
function primaryButtons(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const filled = [...document.querySelectorAll<HTMLElement>('button[data-variant=filled]')]
      .filter((button) => button.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }))
      .map((button) => button.textContent || button.getAttribute('aria-label'))
    return filled.length > 1 ? [`several primary buttons: ${filled.join(', ')}`] : []
  })
}

/** Everything on the page that is read or heard, without what is marked as another language or as code. */
function wordsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const own = (element: Element) =>
      element.closest('[lang]:not(html), code, pre, script, style, noscript, [translate=no]') === null
    const words = new Set<string>([document.title])
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const { parentElement, textContent } = texts.currentNode
      if (parentElement && own(parentElement) && textContent) words.add(textContent)
    }
    const spoken = ['aria-label', 'aria-description', 'aria-valuetext', 'title', 'placeholder', 'alt']
    for (const element of document.body.querySelectorAll(spoken.map((name) => `[${name}]`).join()))
      for (const name of spoken) {
        const text = element.getAttribute(name)
        if (text && own(element)) words.add(text)
      }
    return [...words]
  })
}

/** What the photos of the tests are called. */
const DATA = new RegExp(
  `\\b(?:${['things', 'one-class', 'my-photos', 'shells', 'ants', 'bees', ...DRAWN_CLASSES].join('|')})\\b`,
  'g',
)

/** Texts that are not in the page's language, names left out: Latin words in Chinese, Chinese signs in English. */
function foreign(texts: readonly string[], language: Language): string[] {
  return texts
    .map((text) => ({ text, rest: withoutNames(text).replace(DATA, ' ') }))
    .filter(({ rest }) => (language === 'zh' ? /\p{Script=Latin}{3}/u : /\p{Script=Han}/u).test(rest))
    .map(({ text }) => `not in the page's language: ${text.trim()}`)
}
