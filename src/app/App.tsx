import { useEffect } from 'react'
import { findResumable, followRequests, followTrainer, readWeightSources, useApp } from '../store/index.ts'
import { Header } from './header/Header.tsx'
import { Announcer } from './shared/Announcer.tsx'
import { ErrorBoundary } from './shared/ErrorBoundary.tsx'
import { useLeaveGuard, useTitle } from './shared/window.ts'
import { DropOverlay } from './start/DropOverlay.tsx'
import { Start } from './start/Start.tsx'
import { Workbench } from './Workbench.tsx'

export function App() {
  const hasDataset = useApp(({ data }) => data.dataset !== null)
  useTitle()
  useLeaveGuard()
  useEffect(() => {
    const stopRequests = followRequests()
    const stopEvents = followTrainer()
    void readWeightSources()
    void findResumable()
    return () => {
      stopRequests()
      stopEvents()
    }
  }, [])
  return (
    <ErrorBoundary>
      <Header />
      {hasDataset ? <Workbench /> : <Start />}
      <DropOverlay />
      <Announcer />
    </ErrorBoundary>
  )
}
