/** Relaxed SIMD in Node: from 22 on it is there, in Node 20 behind a flag of V8 that an import of this file sets. */
import { setFlagsFromString } from 'node:v8'

if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd')
