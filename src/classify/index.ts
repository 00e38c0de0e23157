/**
 * Classifying what is not in the dataset: the webcam, and folders at a time. No React, no TF.js.
 * Imports `augment`, `evaluation` and `recipe`. Gives the camera, the square that is classified, its pixels, the
 * loop over its pictures, and the loop over a folder with its table.
 */
export * from './camera.ts'
export * from './folder.ts'
export { squareGrabber } from './grab.ts'
export * from './loop.ts'
export { preprocess } from './preprocess.ts'
export * from './square.ts'
