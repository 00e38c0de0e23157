/** For tests: services that do nothing, and folders made of paths. */
import type { GatheredFolder } from '../dataset/types.ts'
import { MemoryProjects, ProjectTabs } from '../projects/index.ts'
import type { Services } from './services.ts'

const never = () => Promise.reject(new Error('not asked for in these tests'))

/** Services of which a test replaces what it looks at. */
export function fakeServices(own: Partial<Services> = {}): Services {
  return {
    trainer: fakeTrainer(),
    projects: new MemoryProjects(),
    tabs: new ProjectTabs(),
    findLeaks: async () => [],
    forgetPhotos: async () => false,
    browser: { find: never, keepStorage: never },
    onTrainEvent: () => () => {},
    collections: never,
    hasCollections: async () => true,
    lockCollection: never,
    gatherDrop: never,
    gatherFiles: never,
    gatherHandles: never,
    pickFolder: async () => null,
    gatherSamples: never,
    prepare: async () => [],
    libraryTimes: async () => [],
    thumbnail: never,
    preview: never,
    listedWeights: async () => [],
    hasImageNet: async () => false,
    openImageNet: never,
    checkWeightFile: never,
    ...own,
  }
}

/** A trainer that measures 20 photos a second and trains nothing. */
export function fakeTrainer(own: Partial<Services['trainer']> = {}): Services['trainer'] {
  return {
    probe: async () => ({ chosen: 'wasm', adapter: '', rates: { wasm: 20 } }),
    run: async () => {},
    pause: async () => {},
    resume: async () => {},
    stop: async () => {},
    setLocked: async () => {},
    resumable: async () => [],
    discard: async () => {},
    nameClasses: async () => {},
    keptRuns: async () => [],
    openRun: never,
    keepRun: never,
    runPredictions: async () => [],
    renameRun: async () => {},
    removeRun: async () => {},
    forgetPhotos: async () => {},
    tryDepths: async () => null,
    close: () => {},
    bestWeights: never,
    loadForClassifying: never,
    classify: never,
    classifyPhotos: never,
    describeWeights: never,
    forgetLoaded: never,
    predict: never,
    ...own,
  }
}

export const photoFile = (name: string) => new File(['x'], name, { type: 'image/jpeg' })

/** A folder of photos of one byte each at these paths. */
export function folderOf(name: string, paths: readonly string[], own: Partial<GatheredFolder> = {}) {
  const entries = paths.map((path) => ({ path, source: { kind: 'file' as const, file: photoFile(path) } }))
  return { name, entries, directories: [], namesFiles: [], problems: [], ignored: 0, ...own }
}
