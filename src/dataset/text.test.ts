import { expect, it } from 'vitest'
import { decodeText } from './text.ts'
import { safePath } from './zip/safe-path.ts'

it('reads text as UTF-8, by its mark, or in the old encoding of the language', () => {
  const utf8 = new TextEncoder().encode('猫,Äpfel')
  expect(decodeText(utf8, 'en')).toBe('猫,Äpfel')
  expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x2b, 0x73), 'en')).toBe('猫')
  expect(decodeText(Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3), 'zh-CN')).toBe('你好')
  expect(decodeText(Uint8Array.of(0x94, 0x41), 'en')).toBeUndefined()
})

it('takes only paths that stay within their zip', () => {
  expect(safePath('set\\cats\\1.jpg')).toBe('set/cats/1.jpg')
  expect(safePath('./set//cats/1.jpg')).toBe('set/cats/1.jpg')
  expect(safePath('a..b/..c.jpg')).toBe('a..b/..c.jpg')
  for (const path of ['../1.jpg', 'a/../../1.jpg', '/etc/1.jpg', 'C:\\1.jpg', '\\\\host\\1.jpg', 'a\0.jpg'])
    expect(safePath(path)).toBeNull()
})
