/** Runs work on one core, with all processes that it starts, so that figures are per core. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @returns what `work` gives, and whether it was held to one core: only Linux has `taskset`. */
export async function onOneCore<T>(work: () => Promise<T>): Promise<{ result: T; pinned: boolean }> {
  const before = await allowedCores()
  if (before === null) return { result: await work(), pinned: false }
  const set = (cores: string) => run('taskset', ['-a', '-c', '-p', cores, String(process.pid)])
  await set(before.split(/[,-]/).at(-1) ?? '0')
  try {
    return { result: await work(), pinned: true }
  } finally {
    await set(before)
  }
}

/** e.g. `0-1`; null where there is no `taskset`. */
async function allowedCores(): Promise<string | null> {
  try {
    const { stdout } = await run('taskset', ['-c', '-p', String(process.pid)])
    return stdout.slice(stdout.lastIndexOf(':') + 1).trim()
  } catch {
    return null
  }
}
