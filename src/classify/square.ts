/** Which part of a picture is classified. */
import type { EvaluationTransform } from '../recipe/index.ts'

/** In px of the picture. */
export interface Square {
  x: number
  y: number
  side: number
}

/** The largest square in the middle of a picture. */
export function centreSquare(width: number, height: number): Square {
  const side = Math.min(width, height)
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side }
}

/**
 * The square that the network sees of a picture: the validation transform of the centre square keeps its middle,
 * crop / resize of the side.
 */
export function classifiedSquare(width: number, height: number, evaluation: EvaluationTransform): Square {
  const outer = centreSquare(width, height)
  const side = (outer.side * Math.min(evaluation.crop, evaluation.resize)) / evaluation.resize
  const inset = (outer.side - side) / 2
  return { x: outer.x + inset, y: outer.y + inset, side }
}
