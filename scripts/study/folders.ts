/** The folders of photos that a study runs on. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { unzipSync } from 'fflate'
import { isPhoto, isZip } from '../../src/dataset/formats.ts'
import { ROOT } from '../build.mjs'

export interface StudyFolder {
  /** What it is called in the file and in the tables: paths stay out of both. */
  name: string
  /** Absolute, of a folder or a zip. */
  path: string
  photos: number
}

const SAMPLES = join(ROOT, 'public', 'samples', 'trashnet-150.zip')

/** @param data a path, or `samples`: the sample photos that come with the page. @throws where there are no photos. */
export function openFolder(data: string): StudyFolder {
  const path = data === 'samples' ? SAMPLES : resolve(data)
  const name = path === SAMPLES ? 'samples' : basename(path).replace(/\.zip$/i, '')
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Error(`--data ${data}: there is no such folder or zip`)
  const photos = (found.isDirectory() ? filesBelow(path) : filesInZip(data, path)).filter(isPhoto).length
  if (photos === 0) throw new Error(`--data ${data}: holds no photos`)
  return { name, path, photos }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)

/** Its list of names alone: nothing is inflated. */
function filesInZip(data: string, path: string): string[] {
  if (!isZip(path)) throw new Error(`--data ${data}: is a file, not a folder of photos or a .zip`)
  const names: string[] = []
  unzipSync(readFileSync(path), {
    filter: ({ name }) => {
      names.push(name)
      return false
    },
  })
  return names
}
