/** No words of the page stand in its code: what a person reads or hears comes from the translations. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findLiteralText } from './literal-text.ts'

const app = fileURLToPath(new URL('..', import.meta.url))
const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'))

/**
 * The name of the other language is written in that language, whatever the page's own is; torchvision's names of
 * networks and layers are the same in all.
 */
const NAMES = new Set(['English', '简体中文', 'ResNet-18', 'avgpool'])

test('words between tags and in attributes that are read out are found, names and numbers are not', () => {
  const found = (code: string) => findLiteralText(`export const drawn = ${code}`).map(({ text }) => text)
  expect(found('<p>Hello {name}</p>')).toEqual(['Hello'])
  expect(found('<p>{"Hello"}</p>')).toEqual(['Hello'])
  expect(found('<p>{count > 1 ? "many" : `one photo`}</p>')).toEqual(['many', 'one photo'])
  expect(found('<Button aria-label="Close" title={wide ? "All" : t("few")} />')).toEqual(['Close', 'All'])
  expect(found('<p>{name ?? "nobody"}</p>')).toEqual(['nobody'])
  expect(found('<p>{known && "you"}</p>')).toEqual(['you'])
  expect(found('<p className="wide" data-testid="line">{t("line.text")} {done} px²</p>')).toEqual(['px²'])
  expect(found('<p>{done} × 224</p>')).toEqual([])
})

test('no component has words of its own', () => {
  expect(files.length).toBeGreaterThan(30)
  const literal = files.flatMap((file) =>
    findLiteralText(readFileSync(`${app}/${file}`, 'utf8'))
      .filter(({ text }) => !NAMES.has(text))
      .map(({ line, text }) => `${file}:${line} ${text}`),
  )
  expect(literal).toEqual([])
})
