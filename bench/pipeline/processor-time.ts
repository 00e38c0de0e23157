/** Processor time of this process's children and theirs: what work costs, whatever else the machine is doing. */
import { readdir, readFile } from 'node:fs/promises'

/** Linux's USER_HZ, the unit of /proc/PID/stat, on all machines that Node runs on. */
const TICKS_A_SECOND = 100

interface Process {
  parent: number
  milliseconds: number
}

/** All threads of all processes below this one, in ms, user and system; null where there is no /proc. */
export async function childrenTime(): Promise<number | null> {
  const names = await readdir('/proc').catch(() => null)
  if (!names) return null
  const processes = new Map<number, Process>()
  for (const name of names.filter((each) => /^\d+$/.test(each))) {
    const process = await readProcess(name)
    if (process) processes.set(Number(name), process)
  }
  const isBelow = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent
    return parent !== undefined && (parent === process.pid || isBelow(parent))
  }
  let sum = 0
  for (const [pid, { milliseconds }] of processes) if (isBelow(pid)) sum += milliseconds
  return sum
}

/** Null where it has ended meanwhile. */
async function readProcess(pid: string): Promise<Process | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  // The name in parentheses may hold spaces; state, parent and so on come after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return { parent: Number(fields[1]), milliseconds: (1000 * ticks) / TICKS_A_SECOND }
}
