/** Another core for `multiplyInCache`. */
import { expose } from 'comlink'
import { multiplyInCache } from './products.ts'

const products = { multiplyInCache }
export type Products = typeof products

expose(products)
