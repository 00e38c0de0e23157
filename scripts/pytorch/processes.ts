/** Other programs: the command line, and Python with PyTorch. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../build.mjs'

const SCRIPTS = join(ROOT, 'scripts', 'pytorch')

/** What a program printed. @throws Error with the end of its output where it fails. */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(output)
      else
        reject(new Error(`${program} ended with ${code}: ${output.trim().split('\n').slice(-6).join(' / ')}`))
    })
  })
}

/** `npm run finetune` with these flags. */
export const finetune = (...flags: string[]): Promise<string> =>
  run(process.execPath, [
    join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
    join('cli', 'finetune.ts'),
    ...flags,
  ])

/** A Python with PyTorch and torchvision. */
export interface Python {
  command: string
  /** e.g. `torch 2.9.0, torchvision 0.24.0, safetensors 0.8.0`. */
  versions: string
}

export const script = ({ command }: Python, name: string, ...args: string[]): Promise<string> =>
  run(command, [join(SCRIPTS, name), ...args])

const IMPORTS =
  'import torch, torchvision; print("torch", torch.__version__, "torchvision", torchvision.__version__)'
const SAFETENSORS = 'import safetensors.torch; print(safetensors.__version__)'

/** The named Python, else the first that imports torch and torchvision; null where there is none. */
export async function findPython(named: string | undefined): Promise<Python | null> {
  for (const command of named === undefined ? ['/usr/bin/python3', 'python3'] : [named]) {
    const versions = await run(command, ['-c', IMPORTS]).catch(() => null)
    if (versions !== null) return withSafetensors(command, versions.trim())
  }
  return null
}

/**
 * The same Python with the safetensors package, added in a virtual environment of ours where it lacks it. Where
 * that cannot be made (no network), the scripts read the files by a few lines of their own.
 */
async function withSafetensors(command: string, versions: string): Promise<Python> {
  const version = (of: string) => run(of, ['-c', SAFETENSORS]).catch(() => null)
  const own = await version(command)
  if (own !== null) return { command, versions: `${versions}, safetensors ${own.trim()}` }
  const folder = join(ROOT, '.cache', 'pytorch-venv')
  const venv = join(folder, 'bin', 'python')
  try {
    if (!existsSync(venv)) await run(command, ['-m', 'venv', '--system-site-packages', folder])
    if ((await version(venv)) === null) await run(venv, ['-m', 'pip', 'install', '--quiet', 'safetensors'])
    return { command: venv, versions: `${versions}, safetensors ${(await version(venv))?.trim()}` }
  } catch {
    return { command, versions: `${versions}, no safetensors package` }
  }
}
