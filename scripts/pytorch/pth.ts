/** PyTorch's .pth files, in every form that a person may have, hold the same values here. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostTensor } from '../../src/model/index.ts'
import { openWeightFile } from '../../src/weights/index.ts'
import { writeStartWeights } from './cases.ts'
import { type Python, script } from './processes.ts'
import type { Report } from './report.ts'

export async function comparePth(report: Report, python: Python, folder: string): Promise<void> {
  const weights = join(folder, 'start.safetensors')
  const saved = join(folder, 'saved')
  mkdirSync(saved, { recursive: true })
  writeStartWeights(weights, ['a', 'b', 'c'])
  const expected = openWeightFile(readFileSync(weights)).state

  report.section("PyTorch's .pth files")
  const isSaved = await report.check('PyTorch loads our file and saves it in every form', async () => {
    await script(python, 'save_pth.py', weights, saved)
    return ''
  })
  if (!isSaved) return
  for (const name of readdirSync(saved).toSorted())
    await report.check(`${name} holds the same values here`, () => {
      const { state, format } = openWeightFile(readFileSync(join(saved, name)))
      for (const [entry, { data }] of expected) {
        const found = state.get(entry)
        if (!found || Buffer.compare(bytesOf(found.data), bytesOf(data)) !== 0)
          throw new Error(`${entry} differs`)
      }
      return format
    })
}

const bytesOf = ({ buffer, byteOffset, byteLength }: HostTensor['data']) =>
  new Uint8Array(buffer, byteOffset, byteLength)
