/// <reference lib="webworker" />
/** The bench page's worker: TF.js and the plan run here, as they do in the trainer's worker. */
import { expose } from 'comlink'
import { openDevice } from '../src/engine/plan/index.ts'
import { timeConvolution, timeGradients } from './convolutions.ts'
import { tunedKernels } from './kernel-choice.ts'
import { distinctLayers } from './layers.ts'
import { countDispatches, planMemory, planMemoryAfterRuns, timeScript } from './plan-figures.ts'
import type { BenchPage } from './protocol.ts'
import { timeFreezePlans, timePhoto, timeStep } from './steps.ts'
import { compareForward, compareKernels, compareSteps } from './wasm-cores.ts'
import { wasmMemory, wasmMemoryAfterRuns, wasmSharingMemory } from './wasm-memory.ts'

const bench: BenchPage = {
  async adapter() {
    const opened = await openDevice()
    opened?.device.destroy()
    return opened?.adapter ?? null
  },
  kernels: tunedKernels,
  timeStep,
  timeFreezePlans,
  timePhoto,
  async convolutions() {
    return distinctLayers().length
  },
  timeConvolution,
  timeGradients,
  countDispatches,
  planMemory,
  planMemoryAfterRuns,
  wasmMemory,
  wasmSharingMemory,
  wasmMemoryAfterRuns,
  timeScript,
  compareWasmForward: compareForward,
  compareWasmSteps: compareSteps,
  compareWasmKernels: compareKernels,
  async cores() {
    return navigator.hardwareConcurrency
  },
}

expose(bench)
