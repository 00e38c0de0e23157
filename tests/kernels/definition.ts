/** A convolution and its gradients by definition in float64: some elements of each, and what all of them add up to. */
import type { ConvolutionShape, Kind } from '../../src/engine/plan/kernels/convolution.ts'
import { tensors } from '../../src/engine/plan/kernels/convolution-testing.ts'
import { stream } from '../../src/random/index.ts'

const SAMPLES = 150

interface Element {
  index: number
  value: number
}

export class Definition {
  readonly shape: ConvolutionShape
  readonly x: Float32Array<ArrayBuffer>
  readonly w: Float32Array<ArrayBuffer>
  readonly dy: Float32Array<ArrayBuffer>
  private readonly samples: Record<Kind, Element[]>
  /** <dy, y>, and the length of y by that of dy: what the product is measured by. */
  private readonly product: number

  constructor(shape: ConvolutionShape) {
    this.shape = shape
    const { x, w, dy } = tensors(shape)
    this.x = x
    this.w = w
    this.dy = dy
    this.samples = {
      forward: sample(dy.length, (index) => this.y(index)),
      inputGradient: sample(x.length, (index) => this.dx(index)),
      filterGradient: sample(w.length, (index) => this.dw(index)),
    }
    this.product = this.sumOfProducts()
  }

  /** The largest difference of the sampled elements, as a share of the largest of them. */
  sampleError(kind: Kind, result: Float32Array): number {
    const elements = this.samples[kind]
    const largest = Math.max(...elements.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
    const errors = elements.map(({ index, value }) => Math.abs(result[index] - value))
    return errors.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...errors) / largest
  }

  /** Difference from <dy, y>, as a share of the lengths of the two factors. */
  productError(kind: Kind, result: Float32Array): number {
    const other = { forward: this.dy, inputGradient: this.x, filterGradient: this.w }[kind]
    let product = 0
    let [first, second] = [Number.MIN_VALUE, Number.MIN_VALUE]
    for (let i = 0; i < other.length; i++) {
      product += result[i] * other[i]
      first += result[i] ** 2
      second += other[i] ** 2
    }
    const error = Math.abs(product - this.product) / Math.sqrt(first * second)
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
  }

  private y(index: number): number {
    const { inChannels, outChannels, usedChannels } = this.shape
    let sum = 0
    const o = index % outChannels
    this.tapsOfOutput(Math.floor(index / outChannels), (xi, wi) => {
      for (let i = 0; i < usedChannels; i++)
        sum += this.x[xi * inChannels + i] * this.w[(wi + i) * outChannels + o]
    })
    return sum
  }

  private dx(index: number): number {
    const { side, outSide, inChannels, outChannels, usedChannels, kernel, stride, padding } = this.shape
    const i = index % inChannels
    if (i >= usedChannels) return 0
    const pixel = Math.floor(index / inChannels)
    const [image, iy, ix] = [Math.floor(pixel / side ** 2), Math.floor(pixel / side) % side, pixel % side]
    let sum = 0
    for (let ky = 0; ky < kernel; ky++)
      for (let kx = 0; kx < kernel; kx++) {
        const [oy, ox] = [(iy + padding - ky) / stride, (ix + padding - kx) / stride]
        if (
          !Number.isInteger(oy) ||
          !Number.isInteger(ox) ||
          Math.min(oy, ox) < 0 ||
          Math.max(oy, ox) >= outSide
        )
          continue
        const at = ((image * outSide + oy) * outSide + ox) * outChannels
        const filter = ((ky * kernel + kx) * inChannels + i) * outChannels
        for (let o = 0; o < outChannels; o++) sum += this.dy[at + o] * this.w[filter + o]
      }
    return sum
  }

  private dw(index: number): number {
    const { count, side, outSide, inChannels, outChannels, usedChannels, kernel, stride, padding } =
      this.shape
    const [o, i] = [index % outChannels, Math.floor(index / outChannels) % inChannels]
    if (i >= usedChannels) return 0
    const tap = Math.floor(index / (outChannels * inChannels))
    const [ky, kx] = [Math.floor(tap / kernel), tap % kernel]
    let sum = 0
    for (let image = 0; image < count; image++)
      for (let oy = 0; oy < outSide; oy++)
        for (let ox = 0; ox < outSide; ox++) {
          const [iy, ix] = [oy * stride - padding + ky, ox * stride - padding + kx]
          if (iy < 0 || ix < 0 || iy >= side || ix >= side) continue
          const at = ((image * outSide + oy) * outSide + ox) * outChannels + o
          sum += this.dy[at] * this.x[((image * side + iy) * side + ix) * inChannels + i]
        }
    return sum
  }

  /** <dy, y> over all elements. */
  private sumOfProducts(): number {
    const { count, outSide, inChannels, outChannels, usedChannels } = this.shape
    const { x, w, dy } = this
    const row = new Float64Array(outChannels)
    let product = 0
    for (let pixel = 0; pixel < count * outSide ** 2; pixel++) {
      row.fill(0)
      this.tapsOfOutput(pixel, (xi, wi) => {
        for (let i = 0; i < usedChannels; i++) {
          const value = x[xi * inChannels + i]
          const at = (wi + i) * outChannels
          for (let o = 0; o < outChannels; o++) row[o] += value * w[at + o]
        }
      })
      for (let o = 0; o < outChannels; o++) product += row[o] * dy[pixel * outChannels + o]
    }
    return product
  }

  /** For each tap of a pixel of y inside the image: the pixel of x, and the filter's row of its first channel. */
  private tapsOfOutput(pixel: number, visit: (xPixel: number, filterRow: number) => void): void {
    const { side, outSide, inChannels, kernel, stride, padding } = this.shape
    const image = Math.floor(pixel / outSide ** 2)
    const [oy, ox] = [Math.floor(pixel / outSide) % outSide, pixel % outSide]
    for (let ky = 0; ky < kernel; ky++)
      for (let kx = 0; kx < kernel; kx++) {
        const [iy, ix] = [oy * stride - padding + ky, ox * stride - padding + kx]
        if (iy < 0 || ix < 0 || iy >= side || ix >= side) continue
        visit((image * side + iy) * side + ix, (ky * kernel + kx) * inChannels)
      }
  }
}

/** The first and last elements, and others drawn at random. */
function sample(length: number, value: (index: number) => number): Element[] {
  const draw = stream('sample', length)
  const indices = new Set([0, length - 1])
  while (indices.size < Math.min(SAMPLES, length)) indices.add(Math.floor(draw() * length))
  return [...indices].map((index) => ({ index, value: value(index) }))
}
