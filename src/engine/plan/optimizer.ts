/**
 * Gradients and moments of what trains. They are packed like the parameters from the first trained one (`base`) on, so
 * that a run of the head alone needs little memory.
 */
import { isLocked, type Stage } from '../../model/index.ts'
import type { OptimizerConfig, OptimizerState, ParameterState, StepConfig } from '../train-step.ts'
import type { Buffers } from './buffers.ts'
import { firstTrained } from './estimate.ts'
import { linearGroups } from './kernels/kernel.ts'
import { RESULT } from './kernels/loss.ts'
import { BLOCK, optimizerInvocations, optimizerKernel, TABLE_ROW, tableRow } from './kernels/optimizer.ts'
import { type PackedLayout, type PackedParameter, pack, unpack } from './layout.ts'
import type { BufferPart, Program } from './program.ts'
import { readBack } from './readback.ts'

export class Optimizer {
  readonly base: number
  readonly trained: readonly PackedParameter[]
  private readonly device: GPUDevice
  private readonly buffers: Buffers
  private readonly layout: PackedLayout
  private readonly config: OptimizerConfig
  private steps = new Map<string, number>()

  private constructor(device: GPUDevice, buffers: Buffers, layout: PackedLayout, config: StepConfig) {
    this.device = device
    this.buffers = buffers
    this.layout = layout
    this.config = config.optimizer
    this.trained = layout.parameters.filter(({ stage }) => !isLocked(config.locked, stage))
    this.base = firstTrained(layout, config.locked)
  }

  /** The optimizer of a configuration; `before`'s state goes on where the same parameter trains in the same way. */
  static async create(
    device: GPUDevice,
    buffers: Buffers,
    layout: PackedLayout,
    config: StepConfig,
    before: Optimizer | null,
  ): Promise<Optimizer> {
    const optimizer = new Optimizer(device, buffers, layout, config)
    const size = layout.total - optimizer.base
    const kept = before?.config.kind === config.optimizer.kind && before.layout === layout ? before : null
    const encoder = device.createCommandEncoder()
    const replaced: (GPUBuffer | undefined)[] = []
    for (const name of ['first', 'second'] as const) {
      const old = buffers.replace(name, name === 'second' && config.optimizer.kind === 'sgd' ? 0 : size)
      replaced.push(old)
      if (!old || !kept || (name === 'second' && config.optimizer.kind === 'sgd')) continue
      for (const parameter of optimizer.trained.filter((p) => kept.steps.has(p.name)))
        encoder.copyBufferToBuffer(
          old,
          4 * (parameter.offset - kept.base),
          buffers.get(name),
          4 * (parameter.offset - optimizer.base),
          4 * parameter.size,
        )
    }
    device.queue.submit([encoder.finish()])
    for (const old of replaced) old?.destroy()
    for (const { name } of optimizer.trained) {
      const steps = kept?.steps.get(name)
      if (steps !== undefined) optimizer.steps.set(name, steps)
    }
    const blocks = blockTable(layout)
    await buffers.ensure([
      ['gradients', size],
      ['blocks', blocks.length / 4],
      ['table', layout.parameters.length * TABLE_ROW],
    ])
    device.queue.writeBuffer(buffers.get('blocks'), 0, blocks)
    return optimizer
  }

  /** The one dispatch of an update. */
  program(): Program {
    const { layout, base } = this
    const size = layout.total - base
    const kernel = optimizerKernel(this.config.kind)
    const rest = (buffer: string, offset = 0): BufferPart => ({ buffer, offset, size })
    const parts = [
      rest('gradients'),
      { buffer: 'blocks', offset: 0, size: Math.ceil(layout.total / BLOCK / 4) },
      { buffer: 'table', offset: 0, size: layout.parameters.length * TABLE_ROW },
      rest('parameters', base),
      rest('first'),
      ...(this.config.kind === 'sgd' ? [] : [rest('second')]),
      { buffer: 'result', offset: 0, size: RESULT.words },
    ]
    const operation = {
      kernel,
      parts,
      constants: [size / BLOCK, base / BLOCK],
      groups: linearGroups(kernel, optimizerInvocations(size)),
      work: 4 * size * 7,
    }
    return { operations: [operation], buffers: new Map(), places: new Map() }
  }

  /** Counts a step of every trained parameter and writes what it makes of the learning rate. */
  advance(learningRate: number): void {
    const table = new Float32Array(this.layout.parameters.length * TABLE_ROW)
    const trained = new Set(this.trained)
    this.layout.parameters.forEach((parameter, i) => {
      if (!trained.has(parameter)) return
      const step = (this.steps.get(parameter.name) ?? 0) + 1
      this.steps.set(parameter.name, step)
      table.set(tableRow(learningRate * this.scale(parameter.stage), step), i * TABLE_ROW)
    })
    this.device.queue.writeBuffer(this.buffers.get('table'), 0, table)
  }

  reset(): void {
    this.steps.clear()
    const encoder = this.device.createCommandEncoder()
    for (const name of ['first', 'second'] as const) encoder.clearBuffer(this.buffers.get(name))
    this.device.queue.submit([encoder.finish()])
  }

  /** Gradients of the last pass, in PyTorch's layout. */
  async gradients(): Promise<Map<string, Float32Array>> {
    return new Map(await this.read('gradients', this.trained))
  }

  async state(): Promise<OptimizerState> {
    const stepped = this.trained.filter(({ name }) => this.steps.has(name))
    const first = new Map(await this.read('first', stepped))
    const second = this.config.kind === 'sgd' ? null : new Map(await this.read('second', stepped))
    return new Map(
      stepped.map(({ name }): [string, ParameterState] => [
        name,
        { step: this.steps.get(name)!, m: first.get(name)!, v: second?.get(name) ?? null },
      ]),
    )
  }

  /** @throws where a parameter does not train, or its values do not fit. */
  load(state: OptimizerState): void {
    this.reset()
    const trained = new Map(this.trained.map((parameter) => [parameter.name, parameter]))
    for (const [name, { step, m, v }] of state) {
      const parameter = trained.get(name)
      if (!parameter) throw new Error(`${name} has optimizer state but does not train`)
      if ((v === null) !== (this.config.kind === 'sgd'))
        throw new Error(`The optimizer state of ${name} is not that of ${this.config.kind}`)
      this.steps.set(name, step)
      this.write('first', parameter, m)
      if (v) this.write('second', parameter, v)
    }
  }

  private scale(stage: Stage): number {
    return this.config.stageScale[stage] ?? 1
  }

  private async read(
    buffer: 'gradients' | 'first' | 'second',
    parameters: readonly PackedParameter[],
  ): Promise<[string, Float32Array][]> {
    const sources = parameters.map(({ offset, size }) => ({
      buffer: this.buffers.get(buffer),
      offset: offset - this.base,
      size,
    }))
    const words = await readBack(this.device, sources)
    let at = 0
    return parameters.map((parameter) => {
      const values = unpack(parameter, new Float32Array(words, 4 * at, parameter.size))
      at += parameter.size
      return [parameter.name, values]
    })
  }

  private write(buffer: 'first' | 'second', parameter: PackedParameter, values: Float32Array): void {
    const expected = parameter.shape.reduce((a, b) => a * b, 1)
    if (values.length !== expected)
      throw new Error(
        `The optimizer state of ${parameter.name} has ${values.length} values, expected ${expected}`,
      )
    const packed = new Float32Array(parameter.size)
    pack(parameter, values, packed)
    this.device.queue.writeBuffer(this.buffers.get(buffer), 4 * (parameter.offset - this.base), packed)
  }
}

/** The index of the parameter that each packed block belongs to, padded to whole words. */
function blockTable(layout: PackedLayout): Uint8Array<ArrayBuffer> {
  const blocks = new Uint8Array(Math.ceil(layout.total / BLOCK / 4) * 4)
  layout.parameters.forEach(({ offset, size }, i) => {
    blocks.fill(i, offset / BLOCK, Math.ceil((offset + size) / BLOCK))
  })
  return blocks
}
