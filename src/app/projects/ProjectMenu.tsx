import { lazy, Suspense } from 'react'
import { useDatasetName } from '../shared/dataset-name.ts'

// The menu's code comes with the first dataset.
const OpenProject = lazy(() =>
  import('./OpenProject.tsx').then((module) => ({ default: module.OpenProject })),
)

/** In the header: what is open, and the way to everything else that was. Nothing where nothing is open. */
export function ProjectMenu() {
  const name = useDatasetName()
  if (name === undefined) return null
  return (
    <Suspense fallback={<span data-testid="dataset-name">{name}</span>}>
      <OpenProject name={name} />
    </Suspense>
  )
}
