/**
 * Finds the fastest family for each layer and kind by measuring them on the device, within a budget of time that
 * compiling counts towards. The layers with the most work go first, each family begins with its best chance first, and
 * what is not reached takes what a layer like it took (or, without one, what is expected to be fastest): running out of
 * time costs speed and nothing else.
 */

import { Buffers } from './buffers.ts'
import { candidates, choiceFromTable, type Precision, runningHere, worthMeasuring } from './candidates.ts'
import { uniformChoice } from './choice.ts'
import { Executor, type LaidOut } from './executor.ts'
import {
  type ConvolutionFamily,
  type ConvolutionShape,
  convolutionFlops,
  KINDS,
  type Kind,
} from './kernels/convolution.ts'
import type { DeviceTraits } from './kernels/kernel.ts'
import { groupShape, LAYER_GROUPS, type LayerGroup } from './layer-groups.ts'
import type { Program } from './program.ts'
import { Clock } from './tuner-clock.ts'
import { convolutionProgram } from './tuner-programs.ts'

export interface TuningOptions {
  /** Side of the recipe's photos in px, and how many a step takes: what is measured has this shape or a smaller one. */
  size: number
  batch: number
  precision: Precision
  /** Milliseconds in all. */
  budget?: number
  /** To choose from, the one that is expected to be fastest first; by default those that suit the device. */
  families?: readonly ConvolutionFamily[]
  /** An earlier tuning for the same steps whose time ran out: what it measured stands. */
  before?: Tuning | null
}

/** What was measured for one kind of a group of layers. */
export interface TuningEntry {
  /** The group's first layer. */
  layer: string
  kind: Kind
  /** Milliseconds by family id, of those that were measured. */
  milliseconds: Record<string, number>
}

export interface Tuning {
  /** Of the choice. */
  kernels: string
  /** What was measured. */
  size: number
  count: number
  entries: TuningEntry[]
  /** What it took. */
  milliseconds: number
  /** False: the time ran out, and a later tuning may go on from this one. */
  complete: boolean
}

export const TUNING_BUDGET = 2600
/** Padded classes of the head that is measured: it is a thousandth of the work. */
const COLUMNS = 104
/** Share of the budget that may go into running rather than compiling. */
const RUNNING_SHARE = 0.4
/** How often a candidate is run, as a rule. */
const RUNS = 2
/** Photos that tell how fast the device is. */
const CALIBRATION_PHOTOS = 2
/** Smaller maps would say little of larger ones. */
const SMALLEST_SIZE = 64
/** Most bytes of one activation while measuring. */
const LARGEST_BYTES = 2 ** 27
/** A family that takes this much longer than the best is not tried on the kind's other layers of the same kernel. */
const FAR_BEHIND = 2
/** What is within this of the best is measured again. */
const CLOSE = 1.3
/** Milliseconds for which the second look runs a kernel at least, so that a clock of 0.1 ms can tell. */
const LONG_ENOUGH = 2
const MOST_REPEATS = 32
/** A GPU's driver compiles beside its GPU: so many candidates ahead. A software adapter needs the cores itself. */
const COMPILED_AHEAD = 6
/** The expected one stays where another is not clearly faster: it is the one that takes less memory. */
const MARGIN = 0.92

interface Task {
  group: LayerGroup
  kind: Kind
  families: readonly ConvolutionFamily[]
  /** Flops of a step over one photo, in all layers of the group. */
  work: number
}

interface Candidate {
  task: Task
  family: ConvolutionFamily
  program: Program
}

/** Measures on `device`; nothing that it makes there is left but compiled pipelines. */
export async function tune(
  device: GPUDevice,
  traits: DeviceTraits,
  {
    size,
    batch,
    precision,
    budget = TUNING_BUDGET,
    families = candidates(traits, precision),
    before = null,
  }: TuningOptions,
): Promise<Tuning> {
  const start = performance.now()
  const deadline = start + budget
  const tasks = allTasks(families, traits, size)
  const measured = measuredBefore(tasks, before)
  const undecided = tasks
    .filter((task) => task.families.length > 1 && !measured.has(task))
    .toSorted((a, b) => b.work * b.group.layers.length - a.work * a.group.layers.length)
  const session = new Session(device, traits, deadline)
  let shape = { size, count: Math.min(batch, CALIBRATION_PHOTOS) }
  try {
    if (undecided.length > 0) {
      shape = await session.fit(undecided, { size, batch, budget })
      await session.measure(undecided, shape, measured)
    }
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error
  } finally {
    await session.close()
  }
  const table = tableOf(tasks, measured)
  return {
    kernels: choiceFromTable(table, traits).id,
    ...shape,
    entries: [...measured].map(([{ group, kind }, times]) => ({
      layer: group.name,
      kind,
      milliseconds: Object.fromEntries([...times].map(([family, ms]) => [family.id, ms])),
    })),
    milliseconds: performance.now() - start,
    complete: undecided.every((task) => measured.has(task)),
  }
}

class OutOfTime extends Error {}

/** One device being measured until the deadline. */
class Session {
  private readonly device: GPUDevice
  private readonly traits: DeviceTraits
  private readonly deadline: number
  private readonly buffers: Buffers
  private readonly executor: Executor
  private readonly clock: Clock
  /** Families far behind, by kind and kernel. */
  private readonly dropped = new Set<string>()
  private running: Promise<unknown> = Promise.resolve()

  constructor(device: GPUDevice, traits: DeviceTraits, deadline: number) {
    this.device = device
    this.traits = traits
    this.deadline = deadline
    this.buffers = new Buffers(device)
    this.executor = new Executor(device, this.buffers)
    this.clock = new Clock(device)
  }

  /** Runs one convolution to learn the device's rate, then fits photos and their size to the budget. */
  async fit(
    tasks: readonly Task[],
    { size, batch, budget }: { size: number; batch: number; budget: number },
  ): Promise<{ size: number; count: number }> {
    const [task] = tasks
    const count = Math.min(batch, CALIBRATION_PHOTOS)
    const small = Math.min(size, SMALLEST_SIZE)
    const shape = groupShape(task.group, count, small, COLUMNS)
    const program = this.program(task, task.families[0], shape)
    const laidOut = await this.inTime(() => this.executor.layOut('calibration', () => program))
    await this.inTime(() => this.clock.time(laidOut, 1))
    const milliseconds = await this.inTime(() => this.clock.time(laidOut, 1))
    const rate = convolutionFlops(shape) / Math.max(milliseconds, 0.02)
    const allowed = RUNNING_SHARE * budget * rate
    const work = (photos: number, side: number) =>
      tasks.reduce(
        (sum, { group, families }) =>
          sum + RUNS * families.length * convolutionFlops(groupShape(group, photos, side, COLUMNS)),
        0,
      )
    let side = size
    while (side >= 2 * SMALLEST_SIZE && work(1, side) > allowed) side = Math.round(side / 2)
    let photos = 1
    const limits = Math.min(LARGEST_BYTES, this.device.limits.maxStorageBufferBindingSize)
    const bytes = (n: number) => 4 * 64 * (side / 2) ** 2 * n
    while (2 * photos <= batch && work(2 * photos, side) <= allowed && bytes(2 * photos) <= limits)
      photos *= 2
    return { size: side, count: photos }
  }

  /** Fills `measured` as far as the time goes. */
  async measure(
    tasks: readonly Task[],
    { size, count }: { size: number; count: number },
    measured: Map<Task, Map<ConvolutionFamily, number>>,
  ): Promise<void> {
    const all = tasks.flatMap((task): Candidate[] =>
      task.families.map((family) => ({
        task,
        family,
        program: this.program(task, family, groupShape(task.group, count, size, COLUMNS)),
      })),
    )
    // Made once and large enough for all: a larger one later would unbind what is laid out.
    const sizes = new Map<string, number>()
    for (const { program } of all)
      for (const [name, floats] of program.buffers) sizes.set(name, Math.max(sizes.get(name) ?? 0, floats))
    await this.inTime(() => this.buffers.ensure(sizes))
    for (const task of tasks) {
      const left = all.slice(all.findIndex((candidate) => candidate.task === task))
      measured.set(task, await this.measureTask(task, left))
    }
  }

  /** `left`: the task's candidates, then those of the tasks after it. */
  private async measureTask(task: Task, left: readonly Candidate[]): Promise<Map<ConvolutionFamily, number>> {
    const times = new Map<ConvolutionFamily, number>()
    const laidOut = new Map<ConvolutionFamily, LaidOut>()
    const best = () => Math.min(...times.values())
    const own = left.filter((candidate) => candidate.task === task)
    if (this.traits.software) await this.inTime(() => this.compileTogether(own))
    for (const [i, { family, program }] of own.entries()) {
      if (this.dropped.has(dropKey(task, family))) continue
      this.compileAhead(left.slice(i))
      try {
        const made = await this.inTime(() => this.executor.layOut(`${family.id} ${i}`, () => program))
        laidOut.set(family, made)
        // A GPU's first run pays for what a software adapter's does not: caches and clocks that wake.
        if (!this.traits.software) await this.inTime(() => this.clock.time(made, 1))
        times.set(family, await this.inTime(() => this.clock.time(made, 1)))
      } catch (error) {
        if (error instanceof OutOfTime) throw error
        // A driver that refuses a kernel leaves the other families.
        this.dropped.add(dropKey(task, family))
      }
    }
    for (const [family, milliseconds] of times)
      if (milliseconds > FAR_BEHIND * best()) this.dropped.add(dropKey(task, family))
    const close = [...times].filter(([, milliseconds]) => milliseconds <= CLOSE * best())
    if (close.length < 2) return times
    for (const [family, milliseconds] of close) {
      const repeats = Math.min(MOST_REPEATS, Math.ceil(LONG_ENOUGH / Math.max(milliseconds, 0.02)))
      const again = await this.inTime(() => this.clock.time(laidOut.get(family)!, repeats))
      times.set(family, Math.min(milliseconds, again))
    }
    return times
  }

  /** A software adapter's own threads must be free while it runs: what a layer needs is compiled on all cores first. */
  private async compileTogether(candidates: readonly Candidate[]): Promise<void> {
    await Promise.allSettled(candidates.map(({ program }) => this.executor.compileAll(program)))
  }

  private compileAhead(left: readonly Candidate[]): void {
    if (this.traits.software) return
    const next = left.filter(({ task, family }) => !this.dropped.has(dropKey(task, family)))
    // A kernel that does not compile says so where it is laid out.
    for (const { program } of next.slice(0, COMPILED_AHEAD))
      this.executor.compileAll(program).catch(() => undefined)
  }

  private program({ group, kind }: Task, family: ConvolutionFamily, shape: ConvolutionShape): Program {
    return convolutionProgram(uniformChoice(family, family, this.traits), kind, group.name, shape)
  }

  /** @throws OutOfTime at the deadline; the work goes on and is waited for when the session closes. */
  private async inTime<T>(work: () => Promise<T>): Promise<T> {
    const left = this.deadline - performance.now()
    if (left <= 0) throw new OutOfTime()
    const working = work()
    this.running = working.catch(() => undefined)
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new OutOfTime()), left)
    })
    try {
      return await Promise.race([working, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Frees what was made, once nothing uses it any more. */
  async close(): Promise<void> {
    const free = () => {
      this.executor.destroy()
      this.buffers.destroy()
      this.clock.destroy()
    }
    // Not waited for: a kernel that still compiles must not hold up a run.
    void this.running.then(free)
  }
}

const dropKey = ({ kind, group: { kernel, stride } }: Task, { id }: ConvolutionFamily): string =>
  `${kind} ${kernel} ${stride} ${id}`

function allTasks(families: readonly ConvolutionFamily[], traits: DeviceTraits, size: number): Task[] {
  return KINDS.flatMap((kind) =>
    runningHere(families, kind, traits).flatMap((running, i): Task[] => {
      const group = LAYER_GROUPS[i]
      const shape = groupShape(group, 1, size, COLUMNS)
      const suited = worthMeasuring(running.filter((family) => family[kind]?.suits(shape, traits)))
      return suited.length > 0 ? [{ group, kind, families: suited, work: convolutionFlops(shape) }] : []
    }),
  )
}

function measuredBefore(
  tasks: readonly Task[],
  before: Tuning | null,
): Map<Task, Map<ConvolutionFamily, number>> {
  const measured = new Map<Task, Map<ConvolutionFamily, number>>()
  for (const { layer, kind, milliseconds } of before?.entries ?? []) {
    const task = tasks.find((one) => one.kind === kind && one.group.name === layer)
    if (!task) continue
    const times = task.families.flatMap((family): [ConvolutionFamily, number][] =>
      family.id in milliseconds ? [[family, milliseconds[family.id]]] : [],
    )
    measured.set(task, new Map(times))
  }
  return measured
}

/** The fastest of each task; what was not measured follows a measured task of the same kind and kernel. */
function tableOf(
  tasks: readonly Task[],
  measured: ReadonlyMap<Task, ReadonlyMap<ConvolutionFamily, number>>,
) {
  const winner = (task: Task): ConvolutionFamily | undefined => {
    const times = measured.get(task)
    const expected = times?.get(task.families[0])
    if (!times || times.size === 0) return undefined
    const [family, milliseconds] = [...times].reduce((a, b) => (b[1] < a[1] ? b : a))
    return expected !== undefined && milliseconds > MARGIN * expected ? task.families[0] : family
  }
  const alike = (task: Task) =>
    tasks.flatMap((other) => {
      const { kernel, stride } = other.group
      const isLike = other.kind === task.kind && kernel === task.group.kernel && stride === task.group.stride
      const family = isLike ? winner(other) : undefined
      return family && task.families.includes(family) ? [family] : []
    })[0]
  const list = (kind: Kind) =>
    LAYER_GROUPS.map((group) => {
      const task = tasks.find((one) => one.kind === kind && one.group === group)
      return task ? (winner(task) ?? alike(task) ?? task.families[0]) : null
    })
  return {
    forward: list('forward'),
    inputGradient: list('inputGradient'),
    filterGradient: list('filterGradient'),
  }
}
