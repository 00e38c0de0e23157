/**
 * c [m, n] = a [m, k] b [k, n], or c += a b. All numbers are float32, all distances bytes.
 *
 * `a` lies as it likes: element (i, p) is at a + i aRow + p aStep. `b` is packed in panels of eight columns:
 * [n / 8][k][8], see `pack.ts`; the last one is filled up with zeros. Rows of c are `cRow` apart.
 *
 * Four rows and a panel at a time: eight sums in registers, and products are added in the order of k, so a row's result
 * does not depend on the rows beside it.
 */

import { multiplyAdd } from './multiply-add'

/** Rows of a panel that stay in the first cache (8 KB) while all of `a` passes by. */
const K_BLOCK = 256
/** Rows of `a` that stay in the second cache (128 KB) while all panels pass by. */
const M_BLOCK = 128

export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
): void {
  for (let k0 = 0; k0 < k; k0 += K_BLOCK) {
    const depth = min(K_BLOCK, k - k0)
    const from = a + (k0 as usize) * aStep
    const adds = accumulate || k0 > 0
    for (let i0 = 0; i0 < m; i0 += M_BLOCK) {
      const rows = min(M_BLOCK, m - i0)
      const block = from + (i0 as usize) * aRow
      for (let j = 0; j < n; j += 8) {
        const panel = b + (((j * k + k0 * 8) as usize) << 2)
        const to = c + (i0 as usize) * cRow + ((j as usize) << 2)
        let i = 0
        if (j + 8 > n) {
          for (; i < rows; i++)
            narrowRow(n - j, depth, block + (i as usize) * aRow, aStep, panel, to + (i as usize) * cRow, adds)
          continue
        }
        for (; i + 4 <= rows; i += 4)
          fourRows(
            depth,
            block + (i as usize) * aRow,
            aRow,
            aStep,
            panel,
            to + (i as usize) * cRow,
            cRow,
            adds,
          )
        for (; i < rows; i++)
          oneRow(depth, block + (i as usize) * aRow, aStep, panel, to + (i as usize) * cRow, adds)
      }
    }
  }
}

/** As many products, each with its factors and result so many bytes after those of the one before. */
export function gemmPlanes(
  planes: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aPlane: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bPlane: usize,
  c: usize,
  cPlane: usize,
  cRow: usize,
  accumulate: bool,
): void {
  for (let plane = 0; plane < planes; plane++) {
    gemm(m, n, k, a, aRow, aStep, b, c, cRow, accumulate)
    a += aPlane
    b += bPlane
    c += cPlane
  }
}

function fourRows(
  k: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  c: usize,
  cRow: usize,
  adds: bool,
): void {
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (adds) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  let a0 = a
  let a1 = a0 + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  const end = b + ((k as usize) << 5)
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load_splat<f32>(a0)
    s00 = multiplyAdd(s00, x0, b0)
    s01 = multiplyAdd(s01, x0, b1)
    const x1 = v128.load_splat<f32>(a1)
    s10 = multiplyAdd(s10, x1, b0)
    s11 = multiplyAdd(s11, x1, b1)
    const x2 = v128.load_splat<f32>(a2)
    s20 = multiplyAdd(s20, x2, b0)
    s21 = multiplyAdd(s21, x2, b1)
    const x3 = v128.load_splat<f32>(a3)
    s30 = multiplyAdd(s30, x3, b0)
    s31 = multiplyAdd(s31, x3, b1)
    a0 += aStep
    a1 += aStep
    a2 += aStep
    a3 += aStep
    b += 32
  }
  v128.store(c, s00)
  v128.store(c, s01, 16)
  v128.store(c1, s10)
  v128.store(c1, s11, 16)
  v128.store(c2, s20)
  v128.store(c2, s21, 16)
  v128.store(c3, s30)
  v128.store(c3, s31, 16)
}

function oneRow(k: i32, a: usize, aStep: usize, b: usize, c: usize, adds: bool): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  if (adds) {
    s0 = v128.load(c)
    s1 = v128.load(c, 16)
  }
  const end = b + ((k as usize) << 5)
  while (b < end) {
    const x = v128.load_splat<f32>(a)
    s0 = multiplyAdd(s0, x, v128.load(b))
    s1 = multiplyAdd(s1, x, v128.load(b, 16))
    a += aStep
    b += 32
  }
  v128.store(c, s0)
  v128.store(c, s1, 16)
}

/** The same where the panel has fewer than eight columns. */
function narrowRow(columns: i32, k: i32, a: usize, aStep: usize, b: usize, c: usize, adds: bool): void {
  for (let j: usize = 0; j < (columns as usize) << 2; j += 4) {
    let sum: f32 = adds ? load<f32>(c + j) : 0
    let x = a
    const end = b + ((k as usize) << 5)
    for (let at = b + j; at < end; at += 32) {
      sum += load<f32>(x) * load<f32>(at)
      x += aStep
    }
    store<f32>(c + j, sum)
  }
}
