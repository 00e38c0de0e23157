/**
 * What this browser can do, found by trying and never by its name: address, WebGPU, WebAssembly, canvas, storage,
 * camera. Imports nothing of the project; no React. Gives `findBrowser` (the findings), `remarksOf` (what a person
 * should know of them) and `keepStorage`. A browser that cannot start the page at all is told so by `index.html`.
 */
export type { CanvasCheck } from './canvas.ts'
export { type BrowserFindings, findBrowser } from './findings.ts'
export { LITTLE_SPACE, type Remark, remarksOf } from './remarks.ts'
export { keepStorage, type StorageFindings } from './storage.ts'
