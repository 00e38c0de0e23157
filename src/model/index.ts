/**
 * ResNet-18 as data: layers, torchvision's parameter names and shapes, counts, freeze plans, initialisation.
 * Imports only `random`; everything else may import it.
 */
export * from './boundary.ts'
export * from './freeze.ts'
export * from './initialize.ts'
export * from './layers.ts'
export * from './resnet18.ts'
export * from './state-dict.ts'
