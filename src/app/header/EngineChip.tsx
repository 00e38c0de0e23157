import { HoverCard } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Header.module.css'

/** What computes, in plain words, and why. */
export function EngineChip() {
  const { t } = useTranslation()
  const format = useFormat()
  const ran = useApp(({ run }) => run.engine)
  const why = useApp(({ run }) => run.engineWhy)
  const probe = useApp((state) => state.probe)
  const probing = useApp((state) => state.probing)
  const named = useApp(({ recipe }) => recipe.engine)

  const engine = ran?.engine ?? (named !== 'auto' ? named : probe?.chosen)
  const measured = probe && (Object.keys(probe.rates).length > 1 ? 'probe' : 'only-choice')
  const reason = ran ? why : named !== 'auto' ? 'named' : measured
  // What the measurement found is the graphics card, whichever was faster.
  const adapter = ran?.adapter ?? (engine === 'webgpu' ? probe?.adapter : undefined)
  const rates = (['webgpu', 'wasm'] as const).flatMap((kind) => {
    const rate = probe?.rates[kind]
    return rate === undefined ? [] : [t(`engine.rate_${kind}`, { rate: format.rate(rate) })]
  })
  return (
    <HoverCard withArrow position="bottom-end" shadow="md">
      <HoverCard.Target>
        <button type="button" className={classes.chip} data-testid="engine-chip" data-engine={engine}>
          <span className={classes.dot} data-on={engine ? true : undefined} aria-hidden="true" />
          {engine ? t(`engine.${engine}`) : probing ? t('engine.measuring') : t('engine.unknown')}
        </button>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <div className={classes.tip} data-testid="engine-why">
          <strong>{t('engine.title')}</strong>
          <span>{reason ? t(`engine.why_${reason}`) : t('engine.why_unknown')}</span>
          {adapter && <span>{t('engine.adapter', { adapter })}</span>}
          {rates.length > 0 && <span>{t('engine.rates', { rates: rates.join(', ') })}</span>}
        </div>
      </HoverCard.Dropdown>
    </HoverCard>
  )
}
