import { describe, expect, it } from 'vitest'
import { byteOrderMark, decodeText, encodeText } from './text-encoding.ts'

describe('text encodings', () => {
  it.each(['utf-8', 'UTF8', 'utf-16le', 'windows-1251', 'koi8-r'])('%s gives back what it took', (encoding) => {
    expect(decodeText(encodeText('Привет, world\r\n', encoding), encoding, 'a')).toBe('Привет, world\r\n')
  })

  it.each(['latin1', 'windows-1251'])('%s keeps every byte', (encoding) => {
    const bytes = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))
    expect(encodeText(decodeText(bytes, encoding, 'a'), encoding).equals(bytes)).toBe(true)
  })

  it('drops a leading byte order mark, and knows it', () => {
    const marked = Buffer.from('\ufeffx', 'utf8')
    expect(decodeText(marked, 'utf-8', 'a')).toBe('x')
    expect(byteOrderMark(marked, 'utf-8')).toHaveLength(3)
    expect(byteOrderMark(Buffer.from('x'), 'utf-8')).toHaveLength(0)
    expect(byteOrderMark(Buffer.from('\ufeffx', 'utf16le'), 'utf-16le')).toHaveLength(2)
  })

  it('says what is wrong', () => {
    expect(() => decodeText(Buffer.from([0xcf, 0xf0]), 'utf-8', 'a.txt')).toThrow('"a.txt" is not UTF-8 text')
    expect(() => decodeText(Buffer.from('a\0b'), 'utf-8', 'a.bin')).toThrow('binary')
    expect(() => decodeText(Buffer.from('\ufeffx', 'utf16le'), 'utf-8', 'a.txt')).toThrow('utf-16le')
    expect(() => decodeText(Buffer.from('x'), 'utf-42', 'a')).toThrow('"utf-42" is unknown')
    expect(() => encodeText('ж', 'latin1')).toThrow('does not have')
    expect(() => encodeText('a\ud800', 'utf-8')).toThrow('surrogate')
    expect(() => encodeText('a', 'gbk')).toThrow('not supported')
  })
})
