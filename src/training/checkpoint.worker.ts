/** Writes and reads checkpoints away from the trainer, so that hashing and the disk hold up no step. */
import { expose } from 'comlink'
import { reportRequests } from '../requests/index.ts'
import { BrowserStore } from './checkpoint-store.ts'
import { Checkpoints } from './checkpoints.ts'

reportRequests()
expose(new Checkpoints(new BrowserStore()))
