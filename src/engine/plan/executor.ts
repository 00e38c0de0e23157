/**
 * Runs programs on a device: pipelines and bind groups are made once, then a run only encodes and submits. A run is
 * cut into submits of about `SUBMIT_MS` of the device's time, so that a desktop stays smooth and no watchdog fires.
 */
import type { Buffers } from './buffers.ts'
import { type Kernel, STEP_BYTES, type StepConstants, stepBytes } from './kernels/kernel.ts'
import { CONSTANTS_BYTES } from './memory.ts'
import type { BufferPart, Program } from './program.ts'

const SUBMIT_MS = 12
/** Work (flops) a millisecond before anything was measured. */
const INITIAL_RATE = 4e6
/** Programs that stay laid out: a few batch shapes for training and as many for evaluation. */
const KEPT_PROGRAMS = 12

interface Dispatch {
  pipeline: GPUComputePipeline
  bindGroup: GPUBindGroup
  groups: readonly [number, number, number]
  work: number
}

export interface LaidOut {
  dispatches: readonly Dispatch[]
  /** Where the program's inputs and outputs lie. */
  places: ReadonlyMap<string, BufferPart>
  /** Names of the physical buffers that it shares with other programs. */
  buffers: readonly string[]
  work: number
  generation: number
  constants: GPUBuffer
}

/** Commands in order; what is written to a buffer meanwhile comes before all that is not submitted yet. */
export class Recording {
  private readonly device: GPUDevice
  /** Work of a submit at the most. */
  private readonly portion: number
  private encoder: GPUCommandEncoder | null = null
  private pass: GPUComputePassEncoder | null = null
  /** Set in the pass. */
  private pipeline: GPUComputePipeline | null = null
  private work = 0

  constructor(device: GPUDevice, portion: number) {
    this.device = device
    this.portion = portion
  }

  /** Records a program; submits what is more than a portion. */
  run({ dispatches }: LaidOut): void {
    for (const { pipeline, bindGroup, groups, work } of dispatches) {
      if (this.work > 0 && this.work + work > this.portion) this.submit()
      this.pass ??= this.open().beginComputePass()
      if (pipeline !== this.pipeline) this.pass.setPipeline(pipeline)
      this.pipeline = pipeline
      this.pass.setBindGroup(0, bindGroup)
      this.pass.dispatchWorkgroups(groups[0], groups[1], groups[2])
      this.work += work
    }
  }

  /** The encoder, outside any pass: for copies behind what was recorded. */
  copies(): GPUCommandEncoder {
    this.pass?.end()
    this.pass = null
    this.pipeline = null
    return this.open()
  }

  submit(): void {
    if (!this.encoder) return
    this.device.queue.submit([this.copies().finish()])
    this.encoder = null
    this.work = 0
  }

  private open(): GPUCommandEncoder {
    this.encoder ??= this.device.createCommandEncoder()
    return this.encoder
  }
}

interface Compiled {
  layout: GPUBindGroupLayout
  pipeline: GPUComputePipeline
}

/** Pipelines outlive a plan: opening another on the same device compiles nothing again. */
const pipelines = new WeakMap<GPUDevice, Map<string, Promise<Compiled>>>()

export class Executor {
  private readonly step: GPUBuffer
  private readonly device: GPUDevice
  private readonly buffers: Buffers
  private readonly compiled: Map<string, Promise<Compiled>>
  private readonly laidOut = new Map<string, LaidOut>()
  private rate = INITIAL_RATE
  private lastEnd = 0

  constructor(device: GPUDevice, buffers: Buffers) {
    this.device = device
    this.buffers = buffers
    this.compiled = pipelines.get(device) ?? new Map()
    pipelines.set(device, this.compiled)
    this.step = device.createBuffer({
      label: 'step',
      size: STEP_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    })
  }

  /** Buffers, pipelines and bind groups of the program called `key`; kept until a buffer is replaced. */
  async layOut(key: string, makeProgram: () => Program): Promise<LaidOut> {
    const known = this.laidOut.get(key)
    if (known) {
      this.laidOut.delete(key)
      if (known.generation === this.buffers.generation) {
        this.laidOut.set(key, known)
        return known
      }
      known.constants.destroy()
    }
    const program = makeProgram()
    await this.buffers.ensure(program.buffers)
    const kernels = new Map(program.operations.map(({ kernel }) => [kernel.id, kernel]))
    const compiled = new Map(
      await Promise.all(
        [...kernels].map(
          async ([id, kernel]): Promise<[string, Compiled]> => [id, await this.compile(kernel)],
        ),
      ),
    )
    const made = await this.checked(() => this.bind(program, compiled))
    this.laidOut.set(key, made)
    for (const [oldest, { constants }] of this.laidOut) {
      if (this.laidOut.size <= KEPT_PROGRAMS) break
      constants.destroy()
      this.laidOut.delete(oldest)
    }
    return made
  }

  /** Compiles what a program needs ahead of laying it out. */
  async compileAll({ operations }: Program): Promise<void> {
    await Promise.all(operations.map(({ kernel }) => this.compile(kernel)))
  }

  /** For the runs that follow. */
  setStep(constants: StepConstants): void {
    this.device.queue.writeBuffer(this.step, 0, stepBytes(constants))
  }

  /** A recording of commands, submitted in portions as it grows. */
  record(): Recording {
    return new Recording(this.device, this.rate * SUBMIT_MS)
  }

  /** Encodes and submits a program. */
  run(program: LaidOut): void {
    const recording = this.record()
    recording.run(program)
    recording.submit()
  }

  /**
   * Learns the device's rate from work that was submitted at `start` and has just been done (ms).
   * @returns how long it took (ms), without what was done before it.
   */
  measure(work: number, start: number): number {
    const end = performance.now()
    const elapsed = Math.max(0.1, end - Math.max(start, this.lastEnd))
    this.lastEnd = end
    this.rate = this.rate * 0.5 + (work / elapsed) * 0.5
    return elapsed
  }

  /** Lets go of all programs and of the memory that they shared. */
  forget(): void {
    for (const { constants, buffers } of this.laidOut.values()) {
      constants.destroy()
      this.buffers.destroy(buffers)
    }
    this.laidOut.clear()
  }

  destroy(): void {
    this.forget()
    this.step.destroy()
  }

  private compile(kernel: Kernel): Promise<Compiled> {
    const known = this.compiled.get(kernel.id)
    if (known) return known
    const compiling = this.compileNow(kernel)
    this.compiled.set(kernel.id, compiling)
    return compiling
  }

  private async compileNow(kernel: Kernel): Promise<Compiled> {
    const { device } = this
    const uniforms = kernel.usesStep ? 2 : 1
    const layout = device.createBindGroupLayout({
      label: kernel.id,
      entries: [
        ...kernel.bindings.map(({ access }, binding): GPUBindGroupLayoutEntry => {
          const type = access === 'read' ? 'read-only-storage' : 'storage'
          return { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }
        }),
        ...Array.from({ length: uniforms }, (_, i): GPUBindGroupLayoutEntry => {
          const binding = kernel.bindings.length + i
          return { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' } }
        }),
      ],
    })
    const module = device.createShaderModule({ label: kernel.id, code: kernel.code })
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.id,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      })
      return { layout, pipeline }
    } catch (error) {
      const { messages } = await module.getCompilationInfo()
      const detail = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join('; ')
      throw new Error(`The kernel ${kernel.id} does not compile: ${detail || String(error)}`)
    }
  }

  private bind(program: Program, compiled: ReadonlyMap<string, Compiled>): LaidOut {
    const { device, buffers } = this
    const words = CONSTANTS_BYTES / 4
    const values = new Uint32Array(program.operations.length * words)
    program.operations.forEach(({ constants }, i) => {
      values.set(constants, i * words)
    })
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
    const constants = device.createBuffer({ label: 'constants', size: values.byteLength, usage })
    device.queue.writeBuffer(constants, 0, values)
    const dispatches = program.operations.map(({ kernel, parts, groups, work }, i): Dispatch => {
      const { layout, pipeline } = compiled.get(kernel.id)!
      const resources: GPUBufferBinding[] = parts.map(({ buffer, offset, size }) => ({
        buffer: buffers.get(buffer),
        offset: 4 * offset,
        size: 4 * size,
      }))
      resources.push({ buffer: constants, offset: i * CONSTANTS_BYTES, size: CONSTANTS_BYTES })
      if (kernel.usesStep) resources.push({ buffer: this.step })
      const entries = resources.map((resource, binding) => ({ binding, resource }))
      return {
        pipeline,
        bindGroup: device.createBindGroup({ label: kernel.id, layout, entries }),
        groups,
        work,
      }
    })
    const work = dispatches.reduce((sum, dispatch) => sum + dispatch.work, 0)
    const { places } = program
    const names = [...program.buffers.keys()]
    return { dispatches, places, buffers: names, work, generation: buffers.generation, constants }
  }

  private async checked<T>(make: () => T): Promise<T> {
    this.device.pushErrorScope('validation')
    const made = make()
    const error = await this.device.popErrorScope()
    if (error) throw new Error(`The plan cannot be laid out: ${error.message}`)
    return made
  }
}
