/** torchvision's ImageNet weights for the command line: kept in the user's cache folder, else beside the page, else fetched. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  hasKeptImageNet,
  IMAGENET_MEGABYTES,
  IMAGENET_URL,
  imagenetWeights,
  listedWeights,
  type WeightStore,
} from '../src/weights/index.ts'

/** Where programs of this user keep what can be fetched again. */
export function cacheFolder(platform = process.platform, env = process.env): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'tabtune')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'tabtune')
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tabtune')
}

/** A folder as a weight store: written aside, then renamed. */
export function folderStore(folder: string): WeightStore {
  return {
    async read(name) {
      const bytes = await readFile(join(folder, name)).catch(() => null)
      return bytes && new Uint8Array(bytes)
    },
    async write(name, bytes) {
      await mkdir(folder, { recursive: true })
      const aside = join(folder, `${name}.${process.pid}.part`)
      await writeFile(aside, bytes)
      await rename(aside, join(folder, name))
    },
    async remove(name) {
      await rm(join(folder, name), { force: true })
    },
  }
}

/** @param base the page's address. @throws WeightsError where the network fails or the file is not the right one. */
export async function fetchImageNet(
  base: string,
  say: (line: string) => void,
): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  const folder = cacheFolder()
  const store = folderStore(folder)
  const beside = (await listedWeights(base)).some(({ kind }) => kind === 'imagenet')
  if (!beside && !(await hasKeptImageNet(store)))
    say(`ImageNet weights: ${IMAGENET_MEGABYTES} MB from ${IMAGENET_URL}, kept in ${folder}`)
  const { name, data } = await imagenetWeights({ base, store })
  return { name, bytes: data }
}
