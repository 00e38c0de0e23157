import { LOCKABLE_STAGES } from '../../model/index.ts'
import type { Recipe, TrainingStage } from '../../recipe/index.ts'

/** Whether no batch norm sees the batch in a stage of training: then portions of a batch add up to the whole. */
export const batchNormRests = ({ batchNorm, stages }: Recipe, stage: TrainingStage): boolean =>
  batchNorm === 'frozen' && LOCKABLE_STAGES.every((name) => stages[stage].locked.includes(name))
