import { test } from 'vitest'
import { makeEngine } from '../engine-factory.ts'
import { checkGradients } from '../reference/helpers.ts'

/** TF.js's convolution gradients in JavaScript take minutes. */
test("TF.js's own tape gives PyTorch's gradients", () => checkGradients(() => makeEngine('cpu')))
