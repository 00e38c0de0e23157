/** What the charts draw, as it was at most a second ago. */
import { useMemo } from 'react'
import { bestPosition, stageTwoStart } from '../../store/chart-data.ts'
import { type AppState, useApp } from '../../store/index.ts'
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
  const isInStageTwo = useApp(({ run }) => run.stage === 'all')
  return useMemo(() => {
    const planned = recipe ? stages.reduce((sum, stage) => sum + recipe.stages[stage].epochs, 0) : 0
    // Stage two alone may go on from a stage one that was asked for before.
    const before = epochs.filter(({ stage }) => !stages.includes(stage)).length
    return {
      epochs,
      best,
      steps: stepSeries,
      /** Epochs of the whole run, as far as they are known. */
      planned: Math.max(before + planned, epochs.length, 1),
      // The line stands where stage two begins, before its first epoch is done.
      stageTwo:
        stageTwoStart(epochs) ?? (isInStageTwo && epochs.at(-1)?.stage === 'head' ? epochs.length : null),
      bestAt: bestPosition(epochs, best),
    }
  }, [epochs, best, stepSeries, recipe, stages, isInStageTwo])
}

export type Curves = ReturnType<typeof useCurves>
