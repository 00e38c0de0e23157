/** Choosing photos of the dataset and looking at them. */
import type { Split } from '../../dataset/types.ts'
import { whenFree } from '../free.ts'
import { initialResults, type PhotoFilter, type ResultsState, useResults } from '../results.ts'
import { services } from '../services.ts'
import { useApp } from '../state.ts'
import { classifyWithRun } from './training.ts'

/** Classes whose probabilities stand beside a photo that is shown large. */
const DETAIL_TOP = 10

// Another folder has other photos and other classes.
useApp.subscribe(({ data }, before) => {
  if (data.dataset?.samples === before.data.dataset?.samples) return
  const { folder } = useResults.getState()
  useResults.setState({ ...initialResults, folder })
})

export const showPhotos = (change: Partial<Pick<ResultsState, keyof PhotoFilter | 'order'>>): void =>
  useResults.setState(change)

export const clearFilter = (): void =>
  useResults.setState({ shown: 'all', trueClass: null, predictedClass: null })

/** The photos of one cell of the confusion matrix. */
export function showConfused(trueClass: number, predictedClass: number): void {
  useResults.setState({ shown: 'all', trueClass, predictedClass })
  useApp.setState({ tab: 'photos' })
}

/** Shows a split; what the run itself did not predict is predicted with the weights in use. */
export function showSplit(split: Split): void {
  useResults.setState({ split, opened: null })
  void predictSplit(split)
}

/** Asks for a split's predictions where neither the run nor an earlier wish gave them. */
export async function predictSplit(split: Split): Promise<void> {
  const { data, classifier, run } = useApp.getState()
  const { asked } = useResults.getState()
  const known = asked[split]
  if (!data.dataset || !classifier) return
  if (run.predictions.some((prediction) => prediction.split === split)) return
  if (known?.of === classifier && known.status !== 'failed') return
  const set = (entry: NonNullable<ResultsState['asked'][Split]>) =>
    useResults.setState((state) => {
      // Another folder or other weights may have come meanwhile.
      const current = useApp.getState().classifier === classifier
      return current ? { asked: { ...state.asked, [split]: entry } } : state
    })
  set({ of: classifier, status: 'loading' })
  try {
    await whenFree()
    const predictions = await services().trainer.predict(data.dataset, split)
    set({ of: classifier, status: 'ready', predictions })
  } catch (error) {
    set({ of: classifier, status: 'failed', detail: error instanceof Error ? error.message : String(error) })
  }
}

/** Shows a photo large and asks for the probabilities of its likeliest classes. */
export async function openPhoto(path: string): Promise<void> {
  useResults.setState({ opened: { path, answer: null } })
  const sample = useApp.getState().data.dataset?.samples.find((known) => known.path === path)
  if (!sample || !useApp.getState().classifier) return
  await whenFree()
  // Who leafs through photos waits for the last one only.
  if (useResults.getState().opened?.path !== path) return
  const [answer] = await services()
    .trainer.classifyPhotos([sample], DETAIL_TOP)
    .catch((error: unknown) => [{ path, reason: error instanceof Error ? error.message : String(error) }])
  useResults.setState(({ opened }) => (opened?.path === path ? { opened: { path, answer } } : {}))
}

export const closePhoto = (): void => useResults.setState({ opened: null })

/** After a file was loaded: the run's own best weights classify again. */
export async function backToRunWeights(): Promise<void> {
  const { classifier, data } = useApp.getState()
  if (classifier?.source !== 'file' || !data.dataset) return
  await services().trainer.forgetLoaded()
  classifyWithRun()
  const predictions = await services().trainer.predict(data.dataset, 'valid')
  useApp.setState(({ run }) => ({ run: { ...run, predictions } }))
}
