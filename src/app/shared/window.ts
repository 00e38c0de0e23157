/** What the page does to its window: the tab's title, the question before leaving, focus that is kept. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { isActive, useApp } from '../../store/index.ts'
import { useDatasetName } from './dataset-name.ts'
import { useFormat } from './format.ts'
import { keepFocus } from './keep-focus.ts'

/** Draws nothing itself, so that a changed title draws nothing anew. */
export function WindowEffects(): null {
  useTitle()
  useLeaveGuard()
  useEffect(keepFocus, [])
  return null
}

/** Progress stands in the tab's title too. */
function useTitle(): void {
  const { t } = useTranslation()
  const format = useFormat()
  const dataset = useDatasetName()
  const title = useApp(({ run }) => {
    const name = dataset ? `${dataset} · ${t('app.name')}` : t('app.name')
    const accuracy = run.best ? format.percent(run.best.accuracy) : null
    if (isActive(run.status)) {
      const mark = run.status === 'paused' ? '❚❚' : '▶'
      const epoch = run.epoch > 0 ? `${run.epoch}/${run.stageEpochs}` : null
      return [`${mark} ${epoch ?? '…'}`, accuracy, name].filter(Boolean).join(' · ')
    }
    return run.status === 'completed' && accuracy ? `✓ ${accuracy} · ${name}` : name
  })
  useEffect(() => {
    document.title = title
  }, [title])
}

/** The browser asks once before a tab with a run in it is left. */
function useLeaveGuard(): void {
  const active = useApp(({ run }) => isActive(run.status))
  useEffect(() => {
    if (!active) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [active])
}
