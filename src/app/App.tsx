import { lazy, Suspense, useEffect } from 'react'
import {
  findResumable,
  followProjects,
  followRequests,
  followTrainer,
  readWeightSources,
  useApp,
} from '../store/index.ts'
import { Header } from './header/Header.tsx'
import { Announcer } from './shared/Announcer.tsx'
import { ErrorBoundary } from './shared/ErrorBoundary.tsx'
import { WindowEffects } from './shared/window.ts'
import { DropOverlay } from './start/DropOverlay.tsx'
import { Start } from './start/Start.tsx'

// The first page is small; the workbench is fetched while the person reads it.
const loadWorkbench = () => import('./Workbench.tsx')
const Workbench = lazy(() => loadWorkbench().then((module) => ({ default: module.Workbench })))

export function App() {
  const hasDataset = useApp(({ data }) => data.dataset !== null)
  useEffect(() => {
    const stopRequests = followRequests()
    const stopEvents = followTrainer()
    const stopProjects = followProjects()
    void readWeightSources()
    void findResumable()
    void loadWorkbench()
    return () => {
      stopRequests()
      stopEvents()
      stopProjects()
    }
  }, [])
  return (
    <ErrorBoundary>
      <Header />
      {hasDataset ? (
        <Suspense fallback={null}>
          <Workbench />
        </Suspense>
      ) : (
        <Start />
      )}
      <DropOverlay />
      <Announcer />
      <WindowEffects />
    </ErrorBoundary>
  )
}
