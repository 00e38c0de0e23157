/** What a batch counts in a criterion whose classes count differently. */

/** Sum of the labels' class weights: what torch.nn.CrossEntropyLoss(weight) divides by; without weights their number. */
export const batchWeight = (labels: Int32Array, weights?: readonly number[]): number =>
  weights ? labels.reduce((sum, label) => sum + weights[label], 0) : labels.length
