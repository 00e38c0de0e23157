/**
 * An unpickler for what `torch.save` writes of a state dict. It knows containers, numbers, texts and tensors; the
 * few names that such a file may use (below) are mapped to data, never to functions, and every other name is
 * refused. pickle's opcodes: CPython, Lib/pickletools.py.
 */
import { WeightsError } from './errors.ts'

export class Tuple {
  readonly items: readonly PickleValue[]
  constructor(items: readonly PickleValue[]) {
    this.items = items
  }
}

/** A name that the stream uses, as data. */
export class Global {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Values of one storage, to be found under its key. */
export class StorageReference {
  readonly key: string
  /** e.g. `FloatStorage`. */
  readonly type: string
  /** Number of values. */
  readonly length: number
  constructor(key: string, type: string, length: number) {
    this.key = key
    this.type = type
    this.length = length
  }
}

/** A view of a storage: `offset`, `shape` and `strides` count values. */
export class TensorReference {
  readonly storage: StorageReference
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  constructor(
    storage: StorageReference,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.strides = strides
  }
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Tuple
  | Global
  | StorageReference
  | TensorReference

const ORDERED_DICT = 'collections.OrderedDict'
const REBUILD_TENSOR = ['torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2']
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter'
const STORAGE = /^torch\.(?:\w+\.)?(\w+Storage)$/
/** What the stream keeps once it may use often: long names and shapes would make time quadratic in its length. */
const LONGEST_NAME = 100
const LARGEST_RANK = 8
const isKnown = (name: string) =>
  name === ORDERED_DICT || name === REBUILD_PARAMETER || REBUILD_TENSOR.includes(name) || STORAGE.test(name)

export interface Unpickled {
  value: PickleValue
  /** The storages that the value names, by key. */
  storages: ReadonlyMap<string, StorageReference>
  /** Where the next stream begins. */
  end: number
}

/**
 * Reads one pickled value. Takes time and memory in proportion to the bytes read.
 * @param start where the stream begins.
 * @throws WeightsError: `truncated`, `unsafe` (a name that is not known, with that name), `not-weights`.
 */
export function unpickle(bytes: Uint8Array, start = 0): Unpickled {
  const reader = new Reader(bytes, start)
  const storages = new Map<string, StorageReference>()
  const value = run(reader, storages)
  return { value, storages, end: reader.position }
}

const utf8 = new TextDecoder()

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  position: number

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = position
  }

  /** Moves past `count` bytes and says where they begin. */
  #take(count: number): number {
    const at = this.position
    if (count > this.#bytes.length - at)
      throw new WeightsError('truncated', `The pickle stream ends at byte ${this.#bytes.length}, too early.`)
    this.position += count
    return at
  }

  uint8 = () => this.#view.getUint8(this.#take(1))
  uint16 = () => this.#view.getUint16(this.#take(2), true)
  int32 = () => this.#view.getInt32(this.#take(4), true)
  uint32 = () => this.#view.getUint32(this.#take(4), true)
  /** Beyond 2^53 digits are lost, but no such length fits a file. */
  uint64 = () => Number(this.#view.getBigUint64(this.#take(8), true))
  float64 = () => this.#view.getFloat64(this.#take(8), false)

  bytes(count: number): Uint8Array {
    const at = this.#take(count)
    return this.#bytes.subarray(at, at + count)
  }

  text(count: number): string {
    return utf8.decode(this.bytes(count))
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position)
    const text = this.text((end < 0 ? this.#bytes.length : end) - this.position)
    this.#take(1)
    return text
  }

  /** Little-endian two's complement. */
  integer(count: number): number | bigint {
    let value = 0n
    const digits = this.bytes(count)
    for (const digit of digits.toReversed()) value = (value << 8n) | BigInt(digit)
    if (count > 0 && digits[count - 1] & 0x80) value -= 1n << BigInt(8 * count)
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
}

/** The stack of pickle's machine; `MARK` opens a level that the next collecting opcode takes as a whole. */
class Stack {
  readonly #levels: PickleValue[][] = []
  #top: PickleValue[] = []

  push(value: PickleValue): void {
    this.#top.push(value)
  }

  pop(): PickleValue {
    const value = this.#top.pop()
    if (value === undefined) throw broken('its stack is empty')
    return value
  }

  peek(): PickleValue {
    const value = this.pop()
    this.push(value)
    return value
  }

  mark(): void {
    this.#levels.push(this.#top)
    this.#top = []
  }

  popMark(): PickleValue[] {
    const items = this.#top
    const below = this.#levels.pop()
    if (!below) throw broken('a mark is missing')
    this.#top = below
    return items
  }
}

const broken = (what: string) => new WeightsError('not-weights', `The pickle stream is broken: ${what}.`)

function run(reader: Reader, storages: Map<string, StorageReference>): PickleValue {
  const stack = new Stack()
  const memo = new Map<number, PickleValue>()
  const remember = (index: number) => memo.set(index, stack.peek())
  const recall = (index: number) => {
    const value = memo.get(index)
    if (value === undefined) throw broken(`nothing was kept under ${index}`)
    stack.push(value)
  }
  const tuple = (size: number) => {
    const items: PickleValue[] = []
    for (let i = 0; i < size; i++) items.unshift(stack.pop())
    stack.push(new Tuple(items))
  }
  const global = (name: string) => {
    if (name.length > LONGEST_NAME || !isKnown(name)) throw unsafe(name.slice(0, LONGEST_NAME))
    stack.push(new Global(name))
  }

  for (;;) {
    const opcode = reader.uint8()
    switch (opcode) {
      case 0x80: {
        const protocol = reader.uint8()
        if (protocol < 2 || protocol > 5) throw broken(`protocol ${protocol} is not known`)
        break
      }
      case 0x95: // FRAME
        reader.uint64()
        break
      case 0x2e: // STOP
        return stack.pop()
      case 0x28: // MARK
        stack.mark()
        break
      case 0x30: // POP
        stack.pop()
        break
      case 0x31: // POP_MARK
        stack.popMark()
        break
      case 0x32: // DUP
        stack.push(stack.peek())
        break

      case 0x4e: // NONE
        stack.push(null)
        break
      case 0x88: // NEWTRUE
        stack.push(true)
        break
      case 0x89: // NEWFALSE
        stack.push(false)
        break
      case 0x4a: // BININT
        stack.push(reader.int32())
        break
      case 0x4b: // BININT1
        stack.push(reader.uint8())
        break
      case 0x4d: // BININT2
        stack.push(reader.uint16())
        break
      case 0x8a: // LONG1
        stack.push(reader.integer(reader.uint8()))
        break
      case 0x47: // BINFLOAT
        stack.push(reader.float64())
        break

      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING (Python 2)
        stack.push(reader.text(reader.uint32()))
        break
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING (Python 2)
        stack.push(reader.text(reader.uint8()))
        break
      case 0x8d: // BINUNICODE8
        stack.push(reader.text(reader.uint64()))
        break
      case 0x42: // BINBYTES
        stack.push(reader.bytes(reader.uint32()))
        break
      case 0x43: // SHORT_BINBYTES
        stack.push(reader.bytes(reader.uint8()))
        break
      case 0x8e: // BINBYTES8
        stack.push(reader.bytes(reader.uint64()))
        break

      case 0x29: // EMPTY_TUPLE
        tuple(0)
        break
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        tuple(opcode - 0x84)
        break
      case 0x74: // TUPLE
        stack.push(new Tuple(stack.popMark()))
        break
      case 0x5d: // EMPTY_LIST
        stack.push([])
        break
      case 0x6c: // LIST
        stack.push(stack.popMark())
        break
      case 0x61: // APPEND
        append(stack, [stack.pop()])
        break
      case 0x65: // APPENDS
        append(stack, stack.popMark())
        break
      case 0x7d: // EMPTY_DICT
        stack.push(new Map())
        break
      case 0x64: // DICT
        stack.push(setItems(new Map(), stack.popMark()))
        break
      case 0x73: {
        // SETITEM
        const value = stack.pop()
        const key = stack.pop()
        setItems(dictionary(stack.peek()), [key, value])
        break
      }
      case 0x75: {
        // SETITEMS
        const items = stack.popMark()
        setItems(dictionary(stack.peek()), items)
        break
      }

      case 0x71: // BINPUT
        remember(reader.uint8())
        break
      case 0x72: // LONG_BINPUT
        remember(reader.uint32())
        break
      case 0x94: // MEMOIZE
        remember(memo.size)
        break
      case 0x68: // BINGET
        recall(reader.uint8())
        break
      case 0x6a: // LONG_BINGET
        recall(reader.uint32())
        break

      case 0x63: // GLOBAL
        global(`${reader.line()}.${reader.line()}`)
        break
      case 0x93: {
        // STACK_GLOBAL
        const name = stack.pop()
        const module = stack.pop()
        if (typeof name !== 'string' || typeof module !== 'string') throw broken('a name is not a text')
        global(`${module}.${name}`)
        break
      }
      case 0x51: {
        // BINPERSID
        const storage = storageReference(stack.pop())
        storages.set(storage.key, storage)
        stack.push(storage)
        break
      }
      case 0x52: {
        // REDUCE
        const argumentsOf = stack.pop()
        stack.push(rebuild(stack.pop(), argumentsOf))
        break
      }
      case 0x62: {
        // BUILD: an OrderedDict's attributes (`_metadata`: module versions) are of no use here.
        stack.pop()
        dictionary(stack.peek())
        break
      }
      default:
        throw broken(`opcode 0x${opcode.toString(16)} is not known`)
    }
  }
}

function append(stack: Stack, items: readonly PickleValue[]): void {
  const list = stack.peek()
  if (!Array.isArray(list)) throw broken('it appends to what is no list')
  for (const item of items) list.push(item)
}

function dictionary(value: PickleValue): Map<PickleValue, PickleValue> {
  if (!(value instanceof Map)) throw broken('it sets items of what is no dictionary')
  return value
}

function setItems(map: Map<PickleValue, PickleValue>, items: readonly PickleValue[]) {
  if (items.length % 2 !== 0) throw broken('a key has no value')
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1])
  return map
}

/** What the known names stand for, given a tuple of arguments. */
function rebuild(callable: PickleValue, argumentsOf: PickleValue): PickleValue {
  if (!(callable instanceof Global) || !(argumentsOf instanceof Tuple))
    throw broken('it calls what is no name')
  const [first, ...others] = argumentsOf.items
  if (callable.name === ORDERED_DICT) {
    const map = new Map<PickleValue, PickleValue>()
    // Python 2 gives the items as a list of pairs. They are taken out, so that no stream has them copied twice.
    for (const pair of Array.isArray(first) ? first.splice(0) : []) {
      const items = pair instanceof Tuple ? pair.items : pair
      if (!Array.isArray(items) || items.length !== 2) throw broken('a dictionary’s item is no pair')
      setItems(map, items)
    }
    return map
  }
  if (callable.name === REBUILD_PARAMETER && first instanceof TensorReference) return first
  if (REBUILD_TENSOR.includes(callable.name) && first instanceof StorageReference) {
    const [offset, shape, strides] = others
    const reference = new TensorReference(first, natural(offset), naturals(shape), naturals(strides))
    if (reference.shape.length !== reference.strides.length)
      throw broken('a tensor has a stride too many or too few')
    return reference
  }
  throw broken(`${callable.name} has other arguments than expected`)
}

/** ('storage', type, key, device, length), and in old files the view of a storage, of which only none is known. */
function storageReference(id: PickleValue): StorageReference {
  if (!(id instanceof Tuple)) throw broken('a persistent id is no tuple')
  const [tag, type, key, , length, view = null] = id.items
  if (tag === 'module') throw unsafe('a module with its source code')
  const name = type instanceof Global ? STORAGE.exec(type.name)?.[1] : undefined
  if (tag !== 'storage' || name === undefined || typeof key !== 'string' || key.length > LONGEST_NAME)
    throw broken('a persistent id names no storage')
  if (view !== null) throw new WeightsError('unsupported', 'A storage is a view of another one.')
  return new StorageReference(key, name, natural(length))
}

function natural(value: PickleValue | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw broken('a size is not a natural number')
  return value
}

function naturals(value: PickleValue | undefined): number[] {
  if (!(value instanceof Tuple)) throw broken('a shape is no tuple')
  if (value.items.length > LARGEST_RANK) throw broken(`a tensor has ${value.items.length} axes`)
  return value.items.map(natural)
}

const unsafe = (name: string) =>
  new WeightsError(
    'unsafe',
    `The file asks for ${name}, which is more than tensors, containers and numbers. Save the state dict alone: torch.save(model.state_dict(), file).`,
  )
