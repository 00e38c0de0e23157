/** torch.optim's defaults of Adam and AdamW. */
export const BETA1 = 0.9
export const BETA2 = 0.999
export const EPSILON = 1e-8
