/** The batch-level training loss as a line of bounded length. */

/** A chart never draws more points a line. */
export const MAX_POINTS = 500

/** `position` in epochs: 2.5 is the middle of the third epoch. */
export interface StepPoint {
  position: number
  loss: number
}

/** Each point is the mean of `stride` steps; `pending` are the steps of the point to come. */
export interface StepSeries {
  points: readonly StepPoint[]
  stride: number
  pending: readonly StepPoint[]
}

export const emptySeries: StepSeries = { points: [], stride: 1, pending: [] }

const mean = (points: readonly StepPoint[]): StepPoint => ({
  position: points[points.length - 1].position,
  loss: points.reduce((sum, point) => sum + point.loss, 0) / points.length,
})

/** Adds a step; where the line would grow longer than `MAX_POINTS`, neighbours are merged and the stride doubles. */
export function addStep(series: StepSeries, step: StepPoint): StepSeries {
  const pending = [...series.pending, step]
  if (pending.length < series.stride) return { ...series, pending }
  const points = [...series.points, mean(pending)]
  if (points.length < MAX_POINTS) return { points, stride: series.stride, pending: [] }
  const merged: StepPoint[] = []
  for (let i = 0; i < points.length; i += 2) merged.push(mean(points.slice(i, i + 2)))
  return { points: merged, stride: series.stride * 2, pending: [] }
}
