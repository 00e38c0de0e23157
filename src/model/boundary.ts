/**
 * Where the network is cut in two. What lies before the cut may rest: then its output is the same for a photo from step
 * to step, and can be computed once and kept.
 */
import { FEATURES, featureSides, LOCKABLE_STAGES } from './resnet18.ts'

/**
 * How many of the backbone's stages lie before the cut. 0: the photos themselves; 1 (the maximum pool belongs to the
 * stem) to 4: what layer1 to layer4 read; 5: what average pooling gives and `fc` reads.
 */
export type Boundary = 0 | 1 | 2 | 3 | 4 | 5
/** A boundary that has stages before it. */
export type InnerBoundary = Exclude<Boundary, 0>
export const BOUNDARIES = [0, 1, 2, 3, 4, 5] as const satisfies readonly Boundary[]

/** The cut behind the whole backbone: pooled features. */
export const FEATURES_BOUNDARY = LOCKABLE_STAGES.length satisfies Boundary

export interface BoundaryShape {
  /** Of the square map in px. */
  side: number
  channels: number
}

/** What one photo of `size` px is at a cut: [side, side, channels]. */
export function boundaryShape(boundary: Boundary, size: number): BoundaryShape {
  const { pool, layer1, layer2, layer3 } = featureSides(size)
  const shapes: readonly BoundaryShape[] = [
    { side: size, channels: 3 },
    { side: pool, channels: 64 },
    { side: layer1, channels: 64 },
    { side: layer2, channels: 128 },
    { side: layer3, channels: 256 },
    { side: 1, channels: FEATURES },
  ]
  return shapes[boundary]
}

/** How many values one photo of `size` px is at a cut. */
export function boundaryValues(boundary: Boundary, size: number): number {
  const { side, channels } = boundaryShape(boundary, size)
  return side * side * channels
}
