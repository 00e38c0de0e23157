import { lazy, Suspense, useEffect } from 'react'
import {
  findResumable,
  followBrowser,
  followProjects,
  followRecipeLinks,
  followRequests,
  followTrainer,
  readWeightSources,
  useApp,
} from '../store/index.ts'
import { BrowserNotices } from './browser/BrowserNotices.tsx'
import { Header } from './header/Header.tsx'
import { Announcer } from './shared/Announcer.tsx'
import { ErrorBoundary } from './shared/ErrorBoundary.tsx'
import { onFirstUse } from './shared/first-use.ts'
import { WindowEffects } from './shared/window.ts'
import { DropOverlay } from './start/DropOverlay.tsx'
import { Start } from './start/Start.tsx'

// The first page is small; the workbench is fetched at the first sign of use.
const loadWorkbench = () => import('./Workbench.tsx')
const Workbench = lazy(() => loadWorkbench().then((module) => ({ default: module.Workbench })))

const Collect = lazy(() => import('./collect/Collect.tsx').then((module) => ({ default: module.Collect })))

export function App() {
  const collecting = useApp(({ collect }) => collect !== null)
  const hasDataset = useApp(({ data }) => data.dataset !== null)
  useEffect(() => {
    const stopRequests = followRequests()
    const stopEvents = followTrainer()
    const stopBrowser = followBrowser()
    const stopProjects = followProjects()
    const stopLinks = followRecipeLinks()
    void readWeightSources()
    void findResumable()
    const stopWaiting = onFirstUse(() => void loadWorkbench())
    return () => {
      stopRequests()
      stopEvents()
      stopProjects()
      stopLinks()
      stopBrowser()
      stopWaiting()
    }
  }, [])
  return (
    <ErrorBoundary>
      <Header />
      <BrowserNotices />
      {collecting ? (
        <Suspense fallback={null}>
          <Collect />
        </Suspense>
      ) : hasDataset ? (
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
