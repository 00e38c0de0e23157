import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import en from './en/index.ts'
import { withoutNames } from './names.ts'
import zh from './zh/index.ts'

interface Words {
  [key: string]: string | Words
}

/** Keys with dots; a plural's forms are one key. */
function keysOf(words: Words, before = ''): string[] {
  const keys = Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`${before}${key}`.replace(/_(one|other)$/, '')]
      : keysOf(value, `${before}${key}.`),
  )
  return [...new Set(keys)].sort()
}

function textsOf(words: Words, before = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${before}${key}`, value] as [string, string]]
      : textsOf(value, `${before}${key}.`),
  )
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

const app = fileURLToPath(new URL('..', import.meta.url))
const code = readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(`${app}/${file}`, 'utf8'))
  .join('\n')
/** `t('a.b')` */
const literal = new Set([...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((match) => match[1]))
/** t(`a.${b}.c`) as a pattern. */
const patterns = [...code.matchAll(/\bt\(\s*`([^`]+)`/g)].map(
  (match) => new RegExp(`^${match[1].replaceAll('.', '\\.').replace(/\$\{[^}]+\}/g, '[\\w-]+')}$`),
)

test('English and Chinese have the same keys', () => {
  expect(keysOf(zh)).toEqual(keysOf(en))
})

test('every text says something, and both languages fill in the same values', () => {
  const chinese = new Map(textsOf(zh))
  for (const [key, text] of textsOf(en)) {
    expect(text.trim(), key).not.toBe('')
    const other = chinese.get(key) ?? chinese.get(key.replace(/_one$/, '_other'))
    expect(other?.trim(), key).toBeTruthy()
    // One may be said without its digit.
    const filled = (of: string) =>
      placeholders(of).filter((name) => name !== 'count' || !key.endsWith('_one'))
    expect(filled(other ?? ''), key).toEqual(filled(text))
  }
})

test('every key that the code asks for exists', () => {
  const known = new Set(keysOf(en))
  expect([...literal].filter((key) => !known.has(key))).toEqual([])
  const dead = patterns.filter((pattern) => ![...known].some((key) => pattern.test(key)))
  expect(dead).toEqual([])
})

test('every text is used', () => {
  const unused = keysOf(en).filter(
    (key) => !literal.has(key) && !patterns.some((pattern) => pattern.test(key)),
  )
  expect(unused).toEqual([])
})

test('Chinese texts hold no Latin words, except names', () => {
  const foreign = textsOf(zh).filter(([, text]) =>
    /\p{Script=Latin}{3}/u.test(withoutNames(text.replace(/\{\{\w+\}\}/g, ' '))),
  )
  expect(foreign).toEqual([])
})

test('English texts hold no Chinese signs', () => {
  expect(textsOf(en).filter(([, text]) => /\p{Script=Han}/u.test(text))).toEqual([])
})
