/** A kept run in words. */
import { useTranslation } from 'react-i18next'
import { stagesRun } from '../../store/index.ts'
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
    const log = epochs.find(({ stage, epoch }) => stage === best?.stage && epoch === best.epoch)
    if (log) return format.estimate(log.valid)
    return best ? format.percent(best.accuracy) : ''
  }
}
