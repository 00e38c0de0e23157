/** How much each class counts where all are to count the same, however many photos they have. */

/**
 * scikit-learn's compute_class_weight('balanced'): photos / (classes * photos of the class). A class without photos gets 1: it
 * is never trained on.
 * @param labels of the training photos, 0 to `classes` - 1
 */
export function balancedWeights(labels: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) counts[label]++
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)))
}
