import { Popover } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { EngineLine, useEngineSaid } from '../browser/EngineLine.tsx'
import { RemarkList } from '../browser/RemarkList.tsx'
import { useRemarks } from '../browser/use-remarks.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Header.module.css'

/** What computes, in plain words, and why; below it, what this browser lacks. */
export function EngineChip() {
  const { t } = useTranslation()
  const probing = useApp((state) => state.probing)
  const hurts = useRemarks().some(({ weight }) => weight === 'hurts')
  const { engine } = useEngineSaid()
  const [open, setOpen] = useState<'no' | 'passing' | 'yes'>('no')
  return (
    <Popover
      opened={open !== 'no'}
      onChange={(opened) => setOpen(opened ? 'yes' : 'no')}
      withArrow
      position="bottom-end"
      shadow="md"
      width={340}
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={classes.chip}
          data-testid="engine-chip"
          data-engine={engine ?? undefined}
          data-warn={hurts ? true : undefined}
          onMouseEnter={() => setOpen((now) => (now === 'no' ? 'passing' : now))}
          onMouseLeave={() => setOpen((now) => (now === 'passing' ? 'no' : now))}
          onFocus={({ currentTarget }) => {
            if (currentTarget.matches(':focus-visible')) setOpen((now) => (now === 'no' ? 'passing' : now))
          }}
          onBlur={() => setOpen((now) => (now === 'passing' ? 'no' : now))}
          onClick={() => setOpen((now) => (now === 'yes' ? 'no' : 'yes'))}
        >
          <span className={classes.dot} data-on={engine ? true : undefined} aria-hidden="true" />
          {engine ? t(`engine.${engine}`) : probing ? t('engine.measuring') : t('engine.unknown')}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <EngineDetails />
      </Popover.Dropdown>
    </Popover>
  )
}

function EngineDetails() {
  const { t } = useTranslation()
  const format = useFormat()
  const ran = useApp(({ run }) => run.engine)
  const probe = useApp((state) => state.probe)
  const seconds = useApp((state) => state.probeSeconds)
  const { engine } = useEngineSaid()
  // A processor has no name here. What the measurement found is the adapter of the faster one.
  const found = ran?.adapter ?? (engine === probe?.chosen ? probe?.adapter : undefined)
  const adapter = engine === 'webgpu' ? found : undefined
  const rates = (['webgpu', 'wasm'] as const).flatMap((kind) => {
    const rate = probe?.rates[kind]
    return rate === undefined ? [] : [t(`engine.rate_${kind}`, { rate: format.rate(rate) })]
  })
  return (
    <div className={classes.tip} data-testid="engine-why">
      <strong>
        <EngineLine />
      </strong>
      {adapter && (
        <span>
          {t('engine.adapter')} <code translate="no">{adapter}</code>
        </span>
      )}
      {rates.length > 0 && (
        <span>
          {seconds === null
            ? t('engine.rates', { rates: rates.join(', ') })
            : t('engine.rates_took', { rates: rates.join(', '), time: format.duration(seconds) })}
        </span>
      )}
      <strong>{t('browser.list')}</strong>
      <RemarkList />
    </div>
  )
}
