/** From a camera's picture to its classes. */
import { plain, type Row } from '../report.ts'
import type { PipelineSite } from './browser.ts'

const PICTURES = 40

export async function benchWebcam(site: PipelineSite): Promise<Row[]> {
  const rows: Row[] = []
  for (const engine of ['wasm', 'webgpu'] as const) {
    const { grab, whole, width, height } = await site.open((page) =>
      page.evaluate(([name, count]) => window.pipeline.classifyCamera(name, count), [
        engine,
        PICTURES,
      ] as const),
    )
    const name = engine === 'wasm' ? 'wasm' : 'plan'
    const shape = `${width} x ${height} to 64 px`
    rows.push(plain({ what: `webcam, picture to classes, ${name}`, shape, unit: 'ms', ours: whole }))
    rows.push(plain({ what: `webcam, of that picture to pixels, ${name}`, shape, unit: 'ms', ours: grab }))
  }
  return rows
}
