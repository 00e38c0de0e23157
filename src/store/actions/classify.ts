/** Single photos that a person tries. */
import { services } from '../services.ts'
import { type ClassifiedPhoto, useApp } from '../state.ts'

let nextId = 1

/** Classifies photos one after the other; the newest stand first. */
export async function tryPhotos(files: readonly File[]): Promise<void> {
  const entries = files.map((file) => ({ id: nextId++, file }))
  const added = entries.map(({ id, file }): ClassifiedPhoto => {
    return { id, name: file.name, url: URL.createObjectURL(file), result: null, error: null }
  })
  useApp.setState(({ tried }) => ({ tried: [...added, ...tried] }))
  for (const { id, file } of entries) {
    const change = await classifyFile(file)
    useApp.setState(({ tried }) => ({
      tried: tried.map((photo) => (photo.id === id ? { ...photo, ...change } : photo)),
    }))
  }
}

async function classifyFile(file: File): Promise<Pick<ClassifiedPhoto, 'result' | 'error'>> {
  const { classifier } = useApp.getState()
  if (!classifier) return { result: null, error: 'no classifier' }
  try {
    const { pixels, size } = await services().photoForClassifier(file, classifier.evaluation)
    return { result: await services().trainer.classify(pixels, size), error: null }
  } catch (error) {
    return { result: null, error: error instanceof Error ? error.message : String(error) }
  }
}

export function clearTried(): void {
  for (const { url } of useApp.getState().tried) URL.revokeObjectURL(url)
  useApp.setState({ tried: [] })
}

export const setThreshold = (threshold: number): void => useApp.setState({ threshold })
