/** Parameters, running statistics and their counters on the GPU, and as a state dict. */
import {
  CONVOLUTIONS,
  classesOf,
  type EntrySpec,
  type HostTensor,
  type StateDict,
  stateDictProblems,
  stateEntries,
} from '../../model/index.ts'
import type { Buffers } from './buffers.ts'
import { type PackedLayout, pack, packedLayout, unpack } from './layout.ts'
import { readBack, type Source } from './readback.ts'

export class NetworkState {
  readonly layout: PackedLayout
  private readonly device: GPUDevice
  private readonly buffers: Buffers
  private readonly counters = new Map<string, bigint>()

  private constructor(device: GPUDevice, buffers: Buffers, layout: PackedLayout) {
    this.device = device
    this.buffers = buffers
    this.layout = layout
  }

  /**
   * Copies a state dict in.
   * @throws where an entry is missing or has another shape; EngineError `out-of-memory`.
   */
  static async load(device: GPUDevice, buffers: Buffers, state: StateDict): Promise<NetworkState> {
    const problems = stateDictProblems(state)
    if (problems.length > 0) throw new Error(`Not a ResNet-18: ${problems.slice(0, 3).join('; ')}`)
    const network = new NetworkState(device, buffers, packedLayout(classesOf(state)))
    const { total, channels } = network.layout
    await buffers.ensure([
      ['parameters', total],
      ['runningMean', channels],
      ['runningVar', channels],
      ['moments', 4 * channels],
      ['foldScale', channels],
      ['foldShift', channels],
      ['channelTable', channels / 2],
    ])
    network.write(state)
    return network
  }

  /** Counts `passes` train-mode passes of these batch norms. */
  countBatches(batchNorms: Iterable<string>, passes: number): void {
    for (const name of batchNorms) this.counters.set(name, (this.counters.get(name) ?? 0n) + BigInt(passes))
  }

  /** @throws for a name that a ResNet-18 does not have. */
  async read(names: readonly string[] | undefined): Promise<StateDict> {
    const entries = new Map(stateEntries(this.layout.classes).map((entry) => [entry.name, entry]))
    const wanted = (names ?? [...entries.keys()]).map((name) => {
      const entry = entries.get(name)
      if (!entry) throw new Error(`${name} is not part of ResNet-18`)
      return entry
    })
    const stored = wanted.filter(({ kind }) => kind !== 'num_batches_tracked')
    const sources = stored.map((entry) => this.source(entry))
    const words = await readBack(this.device, sources)
    const state = new Map<string, HostTensor>()
    let at = 0
    const data = new Map<EntrySpec, Float32Array>()
    stored.forEach((entry, i) => {
      data.set(entry, this.unpackEntry(entry, new Float32Array(words, 4 * at, sources[i].size)))
      at += sources[i].size
    })
    for (const entry of wanted) {
      const { name, shape, kind } = entry
      if (kind === 'num_batches_tracked')
        state.set(name, {
          dtype: 'I64',
          shape,
          data: BigInt64Array.of(this.counters.get(moduleOf(name)) ?? 0n),
        })
      else state.set(name, { dtype: 'F32', shape, data: data.get(entry)! })
    }
    return state
  }

  private write(state: StateDict): void {
    const { layout, device, buffers } = this
    const packed = new Float32Array(layout.total)
    const mean = new Float32Array(layout.channels)
    const variance = new Float32Array(layout.channels)
    for (const { name, kind } of stateEntries(layout.classes)) {
      const tensor = state.get(name)
      if (tensor?.dtype === 'I64') this.counters.set(moduleOf(name), tensor.data[0])
      if (tensor?.dtype !== 'F32') continue
      const parameter = layout.at.get(name)
      if (parameter)
        pack(parameter, tensor.data, packed.subarray(parameter.offset, parameter.offset + parameter.size))
      else (kind === 'running_mean' ? mean : variance).set(tensor.data, layout.channel.get(moduleOf(name)))
    }
    device.queue.writeBuffer(buffers.get('parameters'), 0, packed)
    device.queue.writeBuffer(buffers.get('runningMean'), 0, mean)
    device.queue.writeBuffer(buffers.get('runningVar'), 0, variance)
    device.queue.writeBuffer(buffers.get('channelTable'), 0, channelTable(layout))
  }

  private source({ name, kind, shape }: EntrySpec): Source {
    const parameter = this.layout.at.get(name)
    if (parameter)
      return { buffer: this.buffers.get('parameters'), offset: parameter.offset, size: parameter.size }
    const buffer = this.buffers.get(kind === 'running_mean' ? 'runningMean' : 'runningVar')
    return { buffer, offset: this.layout.channel.get(moduleOf(name))!, size: shape[0] }
  }

  private unpackEntry({ name }: EntrySpec, packed: Float32Array): Float32Array {
    const parameter = this.layout.at.get(name)
    return parameter ? unpack(parameter, packed) : packed.slice()
  }
}

/** `bn1.running_mean` -> `bn1`. */
const moduleOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

/** For each quad of channels, in which quad of the packed parameters its gamma and its beta lie. */
function channelTable(layout: PackedLayout): Uint32Array<ArrayBuffer> {
  const table: number[] = []
  for (const { batchNorm, outChannels } of CONVOLUTIONS) {
    const gamma = layout.at.get(`${batchNorm}.weight`)!.offset / 4
    const beta = layout.at.get(`${batchNorm}.bias`)!.offset / 4
    for (let quad = 0; quad < outChannels / 4; quad++) table.push(gamma + quad, beta + quad)
  }
  return Uint32Array.from(table)
}
