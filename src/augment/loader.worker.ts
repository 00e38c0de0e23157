/** A loader worker: serves a `Loader` to the page, and through `connect` to the trainer. */
import { expose } from 'comlink'
import { reportRequests } from '../requests/index.ts'
import { Loader } from './loader.ts'

reportRequests()
expose(new Loader())
