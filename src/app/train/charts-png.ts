/** The charts as they are drawn, as one picture: in the theme's colours, with title and legend. */

/** Sharp on displays and in slides, in picture px a CSS px. */
const SCALE = 2
/** All in CSS px. */
const PADDING = 16
const HEADING = 34
/** Of a chart's title below the top of its figure. */
const BASELINE = 18

interface Words {
  heading: string
  train: string
  valid: string
}

/**
 * @param charts element with one `figure[data-chart]` a chart. @throws where the browser cannot draw it
 */
export async function chartsPng(charts: Element, words: Words): Promise<Blob> {
  const { svg, width, height } = chartsSvg(charts, words)
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = width * SCALE
    canvas.height = height * SCALE
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be made'))))
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** One document of all charts where they stand on the page. */
function chartsSvg(charts: Element, words: Words): { svg: string; width: number; height: number } {
  const area = charts.getBoundingClientRect()
  const width = Math.ceil(area.width) + 2 * PADDING
  const height = Math.ceil(area.height) + HEADING + 2 * PADDING
  const root = element('svg', { width, height, viewBox: `0 0 ${width} ${height}` })
  root.setAttribute('font-family', getComputedStyle(charts).fontFamily)
  root.append(element('rect', { width, height, fill: 'var(--panel)' }))
  root.append(text(words.heading, { x: PADDING, y: PADDING + 14, 'font-size': 15, 'font-weight': 650 }))
  root.append(legend(words, width - PADDING, PADDING + 14))
  for (const figure of charts.querySelectorAll<HTMLElement>('figure[data-chart]')) {
    const drawn = figure.querySelector('svg.recharts-surface')
    if (!drawn) continue
    const { left, top } = drawn.getBoundingClientRect()
    const x = left - area.left + PADDING
    const y = top - area.top + PADDING + HEADING
    const caption = figure.getBoundingClientRect()
    root.append(
      text(figure.dataset.title ?? '', {
        x: caption.left - area.left + PADDING,
        y: caption.top - area.top + PADDING + HEADING + BASELINE,
        'font-size': 12,
        'font-weight': 650,
      }),
    )
    const copy = element('g', { transform: `translate(${x} ${y})` })
    for (const child of drawn.childNodes) copy.append(child.cloneNode(true))
    root.append(copy)
  }
  return { svg: withColours(new XMLSerializer().serializeToString(root)), width, height }
}

function legend({ train, valid }: Words, right: number, y: number): SVGElement {
  const group = element('g', { 'font-size': 12 })
  let x = right
  for (const [words, stroke, dash] of [
    [valid, 'var(--valid)', ''],
    [train, 'var(--train)', '5 3'],
  ]) {
    // Letters are about 7 px wide, Chinese ones 12.
    x -= [...words].reduce((sum, letter) => sum + (letter > '\u2e80' ? 12 : 7), 0)
    group.append(text(words, { x, y }))
    group.append(
      element('path', {
        d: `M${x - 26} ${y - 4}h20`,
        stroke,
        'stroke-width': 2,
        ...(dash && { 'stroke-dasharray': dash }),
      }),
    )
    x -= 44
  }
  return group
}

function text(words: string, attributes: Record<string, string | number>): SVGElement {
  const made = element('text', { fill: 'var(--mantine-color-text)', ...attributes })
  made.textContent = words
  return made
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  return made
}

/** A picture of its own knows no custom properties: their values stand in their place. */
function withColours(svg: string): string {
  const style = getComputedStyle(document.documentElement)
  return svg.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim())
}
