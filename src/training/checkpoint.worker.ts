/** Writes and reads checkpoints and kept runs away from the trainer, so that hashing and the disk hold up no step. */
import { expose } from 'comlink'
import { reportRequests } from '../requests/index.ts'
import { BrowserStore } from './checkpoint-store.ts'
import { Checkpoints } from './checkpoints.ts'
import { type KeptRunService, KeptRuns, removeTornRuns } from './kept-runs.ts'

reportRequests()

const store = new BrowserStore('runs')
const runs = new KeptRuns(store)
// Where nothing may be stored, nothing is torn. What is to be kept waits for it.
const tidied = removeTornRuns(store).catch(() => undefined)

/** Checkpoints, and kept runs beside them. */
class Storage extends Checkpoints {
  async keepRun(run: Parameters<KeptRunService['keep']>[0]): ReturnType<KeptRunService['keep']> {
    await tidied
    return runs.keep(run)
  }
  keptRuns = () => runs.list()
  loadRun: KeptRunService['load'] = (id) => runs.load(id)
  runPredictions: KeptRunService['predictions'] = (id) => runs.predictions(id)
  renameRun: KeptRunService['rename'] = (id, name) => runs.rename(id, name)
  removeRun: KeptRunService['remove'] = (id) => runs.remove(id)
  runWeights: KeptRunService['keptWeights'] = (sha256) => runs.keptWeights(sha256)
}

export type { Storage }

expose(new Storage(new BrowserStore()))
