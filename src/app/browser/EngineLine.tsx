import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { type EngineSaid, engineSaid } from './engine-words.ts'

/** What computes, and why, from the state. */
export function useEngineSaid(): EngineSaid {
  const ran = useApp(({ run }) => run.engine)
  const named = useApp(({ recipe }) => recipe.engine)
  const probe = useApp((state) => state.probe)
  const probing = useApp((state) => state.probing)
  const browser = useApp((state) => state.browser)
  return engineSaid({ ran, named, probe, probing, browser })
}

/** One sentence: what computes here, how fast, and why. */
export function EngineLine() {
  const { t } = useTranslation()
  const format = useFormat()
  const { words, rate } = useEngineSaid()
  const said = rate === null ? '' : t('engine.rate', { rate: format.rate(rate) })
  return <span data-testid="engine-line">{t(`engine.words.${words}`, { rate: said })}</span>
}
