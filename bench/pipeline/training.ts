/** Whole runs through the trainer's own loop: what of an epoch is not the engine's step. */
import { plain, type Row } from '../report.ts'
import { TARGETS } from '../targets.ts'
import { median } from '../timing.ts'
import type { PipelineSite } from './browser.ts'
import type { EpochTiming } from './protocol.ts'

const PHOTOS = 320
const HEAD = { photos: 6552, classes: 102, batch: 128 }
/** The first epochs compile, decode and fill caches. */
const WARM = 2
const EPOCHS = 6
const QUICK_EPOCHS = 12

const warm = (epochs: readonly EpochTiming[], of: (epoch: EpochTiming) => number): number =>
  median(epochs.slice(WARM).map(of))

/** All layers on wasm with augmentation: how long the engine waits for photos, and what else an epoch takes. */
export async function benchIdle(site: PipelineSite): Promise<Row[]> {
  const { epochs } = await site.open(async (page) => {
    await page.evaluate((count) => window.pipeline.makePhotos(count), PHOTOS)
    return page.evaluate((count) => window.pipeline.trainAllLayers('wasm', count), EPOCHS)
  })
  const shape = '64 px, batch 32, all layers, course augmentation, wasm'
  const idle = ({ training, stepping }: EpochTiming) => 100 * (1 - stepping / training)
  const beside = ({ seconds, training }: EpochTiming) => 100 * (1 - training / seconds)
  return [
    plain(
      { what: 'engine idle while training', shape, unit: '%', ours: warm(epochs, idle) },
      TARGETS.engineIdle,
    ),
    plain({
      what: 'engine idle while training, first epoch: decoding',
      shape,
      unit: '%',
      ours: idle(epochs[0]),
    }),
    plain({
      what: 'an epoch without its steps: validation, read-back',
      shape,
      unit: '%',
      ours: warm(epochs, beside),
    }),
  ]
}

/** An epoch of the head on cached features: steps, metrics, events, validation, read-back, checkpoint. */
export async function benchHeadEpoch(site: PipelineSite): Promise<Row[]> {
  const { photos, classes, batch } = HEAD
  const rows: Row[] = []
  for (const engine of ['wasm', 'webgpu'] as const) {
    const asked = { ...HEAD, engine, epochs: QUICK_EPOCHS }
    const { epochs } = await site.open((page) =>
      page.evaluate(
        (a) => window.pipeline.trainHead(a.photos, a.classes, a.batch, a.engine, a.epochs),
        asked,
      ),
    )
    const what = `head stage, an epoch on cached features, ${engine === 'wasm' ? 'wasm' : 'plan'}`
    const shape = `${photos} x 512, batch ${batch}, ${classes} classes`
    const seconds = warm(epochs, (epoch) => epoch.seconds)
    rows.push(plain({ what, shape, unit: 's', ours: seconds }, TARGETS.headEpoch))
  }
  return rows
}
