/**
 * `node scripts/make-samples.mjs FOLDER` packs the sample photos, public/samples/trashnet-150.zip, from a folder of
 * TrashNet's photos (`train/<class>`, `valid/<class>`). The same photos give the same zip to the byte.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'

const SAMPLES = fileURLToPath(new URL('../public/samples/', import.meta.url))
const CLASSES = ['cardboard', 'glass', 'paper']
/** Photos of each class. */
const COUNTS = { train: 40, valid: 10 }
/** A zip writes local time: the same digits in every time zone. */
const DATE = new Date(2026, 0, 1)

/** The zip's bytes: of each class the first photos by name, stored, since a JPEG shrinks no further. */
export function packSamples(folder) {
  const files = [
    ['LICENSE.txt', join(SAMPLES, 'trashnet-150.LICENSE.txt')],
    ['README.md', join(SAMPLES, 'README.md')],
  ]
  for (const [split, count] of Object.entries(COUNTS))
    for (const name of CLASSES) {
      const photos = readdirSync(join(folder, split, name)).filter((file) => file.endsWith('.jpg'))
      if (photos.length < count)
        throw new Error(`${split}/${name} holds ${photos.length} photos, not ${count}`)
      for (const photo of photos.sort().slice(0, count))
        files.push([`${split}/${name}/${photo}`, join(folder, split, name, photo)])
    }
  const packed = files.map(([path, file]) => [path, [readFileSync(file), { level: 0, mtime: DATE }]])
  return zipSync(Object.fromEntries(packed))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2]
  if (!folder) throw new Error('which folder holds train/<class> and valid/<class>?')
  writeFileSync(join(SAMPLES, 'trashnet-150.zip'), packSamples(folder))
}
