/**
 * Classifying what is not in the dataset: the webcam now, single files through the loaders. No React, no TF.js.
 * Imports `augment` and `recipe`. Gives the camera, the square that is classified, its pixels, and the loop.
 */
export * from './camera.ts'
export * from './loop.ts'
export { preprocess } from './preprocess.ts'
export * from './square.ts'
