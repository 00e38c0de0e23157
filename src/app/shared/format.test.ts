import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import en from '../i18n/en/index.ts'
import zh from '../i18n/zh/index.ts'
import { type Format, formatFor } from './format.ts'

let english: Format
let chinese: Format

beforeAll(async () => {
  await i18next.init({
    lng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
  })
  english = formatFor(i18next.getFixedT('en'), 'en')
  chinese = formatFor(i18next.getFixedT('zh'), 'zh-CN')
})

test('accuracy always stands with its count', () => {
  expect(english.accuracy({ accuracy: 144 / 153, correct: 144, samples: 153 })).toBe('94 %, 144 of 153')
  expect(chinese.accuracy({ accuracy: 144 / 153, correct: 144, samples: 153 })).toBe('94 %，153 中对 144')
})

test('not all is never rounded to all, and something never to nothing', () => {
  expect(english.percent(0.999)).toBe('99 %')
  expect(english.percent(1)).toBe('100 %')
  expect(english.percent(0)).toBe('0 %')
  expect(english.percent(0.004)).toBe('< 1 %')
  expect(english.percent(0.006)).toBe('1 %')
})

test('times get coarser the longer they are', () => {
  expect(english.duration(0.2)).toBe('1 s')
  expect(english.duration(59.7)).toBe('1 min')
  expect(english.duration(134)).toBe('2 min 10 s')
  expect(english.duration(780)).toBe('13 min')
  expect(english.duration(3599)).toBe('1 h')
  expect(english.duration(3900)).toBe('1 h 5 min')
  expect(chinese.duration(134)).toBe('2 分 10 秒')
})

test('parameters and bytes have units', () => {
  expect(english.parameters(9536)).toBe('9.5 k')
  expect(english.parameters(147968)).toBe('148 k')
  expect(english.parameters(11177538)).toBe('11.2 M')
  expect(english.bytes(46_831_680)).toBe('46.8 MB')
  expect(english.memory(187_400_000)).toBe('0.19 GB')
  expect(english.memory(998_000_000)).toBe('1.0 GB')
  expect(english.memory(4_294_967_296)).toBe('4.3 GB')
})

test('small learning rates stay readable', () => {
  expect(english.learningRate(0.01)).toBe('0.01')
  expect(english.learningRate(0.00001)).toBe('1.0e-5')
})
