/** The three sources of weights, and the best weights of a run going out and coming back. */
import { BUILTIN_WEIGHTS, type WeightsSource } from '../../recipe/index.ts'
import { type DownloadProgress, WeightsError } from '../../weights/index.ts'
import { mergeEvents } from '../merge-events.ts'
import { services } from '../services.ts'
import { patchWeights, useApp, type WeightsState } from '../state.ts'
import { chooseWeights } from './recipe.ts'

/** What stands beside the page, and whether torchvision's weights are among it or were fetched before. */
export async function readWeightSources(): Promise<void> {
  try {
    const [listed, here] = await Promise.all([services().listedWeights(), services().hasImageNet()])
    patchWeights({ listed, imagenet: { status: here ? 'kept' : 'absent' } })
  } catch (error) {
    patchWeights({ fileError: weightsFailure(error) })
  }
}

let download: AbortController | null = null

/** @param mirror another address of the same file. */
export async function downloadImageNet(mirror?: string): Promise<void> {
  if (download) return
  const controller = new AbortController()
  download = controller
  const before = useApp.getState().weights.imagenet
  let received = before.status === 'failed' ? before.received : 0
  patchWeights({ imagenet: { status: 'loading', progress: { received, total: null } } })
  const updates = mergeEvents<DownloadProgress>((all) => {
    const progress = all[all.length - 1]
    if (download !== controller) return
    received = progress.received
    patchWeights({ imagenet: { status: 'loading', progress } })
  })
  try {
    await services().openImageNet({ mirror, signal: controller.signal, onProgress: updates.push })
    download = null
    patchWeights({ imagenet: { status: 'kept' } })
    chooseWeights({ kind: 'imagenet' })
  } catch (error) {
    updates.flush()
    const failure = weightsFailure(error)
    const goesOn = failure.code === 'network' || failure.code === 'no-answer'
    patchWeights({
      imagenet:
        failure.code === 'cancelled'
          ? { status: 'absent' }
          : { status: 'failed', ...failure, received: goesOn ? received : 0, mirror },
    })
  } finally {
    if (download === controller) download = null
  }
}

export function cancelDownload(): void {
  download?.abort()
}

/** A file to start training from. */
export async function giveWeightFile(file: File): Promise<void> {
  try {
    const bytes = await file.arrayBuffer()
    const found = await services().checkWeightFile(bytes)
    patchWeights({ file: { name: file.name, bytes, ...found }, fileError: null })
    chooseWeights({ kind: 'file', name: file.name, sha256: found.sha256 })
  } catch (error) {
    patchWeights({ fileError: weightsFailure(error) })
  }
}

/** Whether the weights that a recipe starts from are here: a file must be the very one that it names. */
export function areHere(source: WeightsSource, { imagenet, file }: WeightsState): boolean {
  if (source.kind === 'builtin') return true
  if (source.kind === 'imagenet') return imagenet.status === 'kept'
  return file !== null && (source.sha256 === undefined || source.sha256 === file.sha256)
}

/** After a download that failed: the built-in ones, without its message. */
export function chooseBuiltin(): void {
  const { imagenet } = useApp.getState().weights
  if (imagenet.status === 'failed') patchWeights({ imagenet: { status: 'absent' } })
  chooseWeights(BUILTIN_WEIGHTS)
}

export function dismissFileError(): void {
  patchWeights({ fileError: null })
}

function weightsFailure(error: unknown) {
  if (error instanceof WeightsError) return { code: error.code, detail: error.message }
  return { code: 'unknown' as const, detail: error instanceof Error ? error.message : String(error) }
}

/** The run's best weights as a file; null where there are none (the reason is shown beside the button). */
export async function bestWeights(): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await services().trainer.bestWeights()
  } catch (error) {
    useApp.setState({
      classifierError: error instanceof Error ? error.message : String(error),
      tab: 'weights',
    })
    return null
  }
}

/** A file that was downloaded before: it classifies, and where the dataset's classes are its own, the photos too. */
export async function loadToClassify(file: File): Promise<void> {
  useApp.setState({ classifierError: null })
  try {
    const loaded = await services().trainer.loadForClassifying(file.name, await file.arrayBuffer())
    useApp.setState({
      classifier: {
        source: 'file',
        name: file.name,
        classes: loaded.classes,
        evaluation: loaded.evaluation,
        accuracy: loaded.accuracy,
      },
    })
    await predictWithFile()
  } catch (error) {
    useApp.setState({ classifierError: error instanceof Error ? error.message : String(error) })
  }
}

/** The validation photos as a loaded file sees them, where it has as many classes as the dataset. */
export async function predictWithFile(): Promise<void> {
  const { classifier, data } = useApp.getState()
  if (classifier?.source !== 'file' || data.dataset?.classes.length !== classifier.classes.length) return
  const predictions = await services().trainer.predict(data.dataset, 'valid')
  useApp.setState(({ run }) => ({ run: { ...run, predictions } }))
}
