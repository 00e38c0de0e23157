import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from './format.ts'

/** At most one spoken line in this time, in ms: epochs can be faster than a screen reader. */
const QUIET = 10_000

/** Tells a screen reader what happened: photos that were read, the start, epochs sparingly, the end. */
export function Announcer() {
  const { t } = useTranslation()
  const format = useFormat()
  const status = useApp(({ run }) => run.status)
  const epochs = useApp(({ run }) => run.epochs)
  const stageEpochs = useApp(({ run }) => run.stageEpochs)
  const best = useApp(({ run }) => run.best)
  const reading = useApp(({ data }) => data.status === 'reading')
  const dataset = useApp(({ data }) => data.dataset)
  const [line, setLine] = useState('')
  const spokenAt = useRef(0)

  useEffect(() => {
    if (reading) setLine(t('announce.reading'))
    else if (dataset)
      setLine(
        t('announce.read', {
          photos: format.count(dataset.samples.length),
          classes: format.count(dataset.classes.length),
          problems: format.count(dataset.problems.length),
        }),
      )
  }, [reading, dataset, t, format])

  useEffect(() => {
    const accuracy = best ? format.percent(best.accuracy) : ''
    if (status === 'starting') setLine(t('announce.started'))
    if (status === 'completed') setLine(t('announce.completed', { accuracy }))
    if (status === 'paused') setLine(t('announce.paused'))
    if (status === 'stopped') setLine(t('announce.stopped'))
    if (status === 'failed') setLine(t('announce.failed'))
  }, [status, t, format, best])

  useEffect(() => {
    const last = epochs.at(-1)
    const now = performance.now()
    if (status !== 'running' || !last || now - spokenAt.current < QUIET) return
    spokenAt.current = now
    setLine(
      t('announce.epoch', {
        stage: t(`train.stage_${last.stage}`),
        epoch: last.epoch,
        epochs: stageEpochs,
        accuracy: format.percent(last.valid.accuracy),
      }),
    )
  }, [status, epochs, stageEpochs, t, format])

  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
      {line}
    </div>
  )
}
