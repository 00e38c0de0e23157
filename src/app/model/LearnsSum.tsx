import { useTranslation } from 'react-i18next'
import { type FreezePlan, isTrained, parameterEntries, trainedParameters } from '../../model/index.ts'
import type { Recipe } from '../../recipe/index.ts'
import { estimateEpochSeconds, isActive, lastStage, machine, probeRate, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { useStepMemory } from '../shared/use-step-memory.ts'
import classes from './ModelPanel.module.css'

interface LearnsSumProps {
  /** With the freeze plan that is shown. */
  recipe: Recipe
  locked: FreezePlan
  classCount: number
}

/** How much learns, what the optimizer gets, and what an epoch of that costs here. */
export function LearnsSum({ recipe, locked, classCount }: LearnsSumProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const { trained, total } = trainedParameters(locked, classCount)
  const entries = parameterEntries(classCount)
  const tensors = entries.filter((entry) => isTrained(locked, entry)).length
  return (
    <div className={classes.sum} data-testid="learns-sum">
      <strong>
        {t('model.sum', {
          trained: format.parameters(trained),
          total: format.parameters(total),
          share: format.percent(trained / total),
        })}
      </strong>
      <div className={classes.sumBar} aria-hidden="true">
        <div style={{ width: `${(100 * trained) / total}%` }} />
      </div>
      <span className={classes.note}>
        {t(locked.length > 0 ? 'model.optimizer_gets_rest' : 'model.optimizer_gets', {
          optimizer: t(`settings.option.${recipe.stages[lastStage(recipe)].optimizer.kind}`),
          tensors,
          of: entries.length,
        })}
      </span>
      <EpochCost recipe={recipe} locked={locked} classCount={classCount} />
    </div>
  )
}

/** An estimate until an epoch was measured; the memory is counted from the network's shapes. */
function EpochCost({ recipe, locked, classCount }: LearnsSumProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const probe = useApp((state) => state.probe)
  const measured = useApp(({ run }) =>
    isActive(run.status) ? (run.epochs.findLast(({ stage }) => stage === run.stage)?.seconds ?? null) : null,
  )
  const { photos } = machine()
  const memory = useStepMemory(recipe, locked, classCount, photos.train)
  const rate = probeRate(probe, recipe.engine)
  const engine = recipe.engine === 'auto' ? probe?.chosen : recipe.engine
  if (!engine || photos.train === 0) return null
  const stage = lastStage(recipe)
  const own = { ...recipe.stages[stage], locked: [...locked] }
  const planned = { ...recipe, stages: { ...recipe.stages, [stage]: own } }
  const seconds = measured ?? (rate === null ? null : estimateEpochSeconds(planned, photos, rate))
  return (
    <span className={classes.note} data-testid="epoch-cost">
      {seconds !== null &&
        (measured === null
          ? t('model.epoch_time', { time: format.duration(seconds) })
          : t('model.epoch_measured', { time: format.duration(seconds) }))}{' '}
      {memory && t('model.memory', { memory: format.memory(memory.bytes) })}{' '}
      {memory && memory.portion !== null && t('model.portions', { count: memory.portion })}
      {memory?.isBeyond && (
        <span className={classes.warn}>
          {' '}
          {t('model.memory_beyond', { limit: format.memory((recipe.memoryLimit ?? 0) * 1e6) })}
        </span>
      )}
    </span>
  )
}
