/** Checks a worker's canvas once and says what it found. */
import { checkCanvas } from './canvas.ts'

postMessage(checkCanvas())
