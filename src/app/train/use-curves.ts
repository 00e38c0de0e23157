/** What the charts draw, as it was at most a second ago. */
import { useMemo } from 'react'
import { TRAINING_STAGES, type TrainingStage } from '../../recipe/index.ts'
import { bestPosition, stageBegins } from '../../store/chart-data.ts'
import { type AppState, useApp } from '../../store/index.ts'
import { endOfStage } from '../../training/patience.ts'
import { useSlowly } from './use-slowly.ts'

/** One object for all that changes together, so that one change draws once. */
let newest: Pick<AppState['run'], 'epochs' | 'best' | 'stepSeries'> | null = null
function curvesOf({ run }: AppState) {
  if (newest?.epochs !== run.epochs || newest.best !== run.best || newest.stepSeries !== run.stepSeries)
    newest = { epochs: run.epochs, best: run.best, stepSeries: run.stepSeries }
  return newest
}

export function useCurves() {
  const { epochs, best, stepSeries } = useSlowly(curvesOf)
  const recipe = useApp((state) => state.runRecipe)
  const stages = useApp((state) => state.stages)
  const running = useApp(({ run }) => run.stage)
  return useMemo(() => {
    const lengthOf = (stage: TrainingStage) => (recipe ? endOfStage(recipe, stage, epochs).epochs : 0)
    const planned = stages.reduce((sum, stage) => sum + lengthOf(stage), 0)
    const last = epochs.at(-1)
    // The line stands where a stage begins, before its first epoch is done.
    const next =
      last && running && TRAINING_STAGES.indexOf(running) > TRAINING_STAGES.indexOf(last.stage)
        ? [{ position: epochs.length, stage: running }]
        : []
    // A later stage may go on from earlier ones that were asked for before.
    const before = epochs.filter(({ stage }) => !stages.includes(stage)).length
    return {
      epochs,
      best,
      steps: stepSeries,
      /** Epochs of the whole run, as far as they are known. */
      planned: Math.max(before + planned, epochs.length, 1),
      begins: [...stageBegins(epochs), ...next],
      bestAt: bestPosition(epochs, best),
    }
  }, [epochs, best, stepSeries, recipe, stages, running])
}

export type Curves = ReturnType<typeof useCurves>
