import { expect, test } from 'vitest'
import { isOtherSite } from './index.ts'

test('a request to the own origin, to data or to a blob is not a request to another site', () => {
  expect(isOtherSite('http://localhost:4318/assets/index.js', 'http://localhost:4318')).toBe(false)
  expect(isOtherSite('data:image/png;base64,AAAA', 'http://localhost:4318')).toBe(false)
  expect(isOtherSite('blob:http://localhost:4318/1234', 'http://localhost:4318')).toBe(false)
})

test('another host, port or scheme is another site', () => {
  expect(isOtherSite('https://example.org/model.safetensors', 'http://localhost:4318')).toBe(true)
  expect(isOtherSite('http://localhost:9999/x', 'http://localhost:4318')).toBe(true)
  expect(isOtherSite('wss://example.org/socket', 'https://page.example')).toBe(true)
})
