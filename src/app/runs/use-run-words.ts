/** A kept run in words. */
import { useTranslation } from 'react-i18next'
import { logOf, stagesRun } from '../../store/index.ts'
import type { KeptRun } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'

/** Its name or, where it has none, the stages that it went through. */
export function useRunTitle(): (run: KeptRun) => string {
  const { t } = useTranslation()
  return (run) =>
    run.name ||
    stagesRun(run)
      .map((stage) => t(`train.stage_${stage}`))
      .join(t('runs.then'))
}

/** Best validation accuracy with its interval and count. */
export function useRunAccuracy(): (run: KeptRun) => string {
  const format = useFormat()
  return ({ history: { best, epochs } }) => {
    const log = logOf(epochs, best)
    if (log) return format.estimate(log.valid)
    return best ? format.percent(best.accuracy) : ''
  }
}
