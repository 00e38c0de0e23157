/// <reference lib="webworker" />
/** The bench page's worker: TF.js and the plan run here, as they do in the trainer's worker. */
import { expose } from 'comlink'
import { openDevice } from '../src/engine/plan/index.ts'
import { timeConvolution } from './convolutions.ts'
import { distinctLayers } from './layers.ts'
import type { BenchPage } from './protocol.ts'
import { timeStep } from './steps.ts'

const bench: BenchPage = {
  async adapter() {
    const opened = await openDevice()
    opened?.device.destroy()
    return opened?.adapter ?? null
  },
  timeStep,
  async convolutions() {
    return distinctLayers().length
  },
  timeConvolution,
}

expose(bench)
