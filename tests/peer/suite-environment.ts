/** What tfjs-core's test files expect before they load: jasmine's words, the wasm backend, one test environment. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js'
import { installGradients } from './gradient-kernels.ts'

const jasmine = jasmineRequire.core(jasmineRequire)
export const jasmineEnv = jasmine.getEnv()
Object.assign(globalThis, { jasmine }, jasmineRequire.interface(jasmine, jasmineEnv))

const [, , wasmFolder, kernels] = process.argv
setWasmPaths(wasmFolder)
setTestEnvs([{ name: 'test-wasm', backendName: 'wasm', isDataSync: true }])
if (kernels === 'ours') installGradients()
