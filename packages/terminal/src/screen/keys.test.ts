import { expect, it } from 'vitest'
import { readGround } from './keyboard.ts'
import { KeyDecoder } from './keys.ts'

function names(...pieces: readonly string[]): string[] {
  const decoder = new KeyDecoder()
  const keys = pieces.flatMap((piece) => decoder.push(piece))
  return [...keys, ...decoder.flush()].map(
    ({ name, text, ctrl, alt }) => `${ctrl ? 'C-' : ''}${alt ? 'M-' : ''}${name}${text && `:${text}`}`,
  )
}

it('reads characters, controls and arrows', () => {
  expect(names('aЖ日\u0003\r\n\t\u007f\u001b[A\u001b[1;5C\u001bOH\u001b[3~')).toEqual([
    'char:a',
    'char:Ж',
    'char:日',
    'C-c',
    'enter',
    'newline',
    'tab',
    'backspace',
    'up',
    'C-right',
    'home',
    'delete',
  ])
})

it('takes Alt-Enter and Shift-Enter for a new line', () => {
  expect(names('\u001b\r', '\u001b[13;2u', '\u001b[27;2;13~', '\u001bb')).toEqual([
    'newline',
    'newline',
    'newline',
    'M-char:b',
  ])
})

it('waits for the rest of a sequence, and takes a lone Esc for a key', () => {
  expect(names('\u001b', '[', 'B')).toEqual(['down'])
  expect(names('\u001b')).toEqual(['escape'])
})

it('reads a paste as one key, cut anywhere, whatever it holds', () => {
  expect(names('\u001b[200~a\r\u0003\u001b[A', 'b\u001b[20', '1~c')).toEqual(['paste:a\r\u0003\u001b[Ab', 'char:c'])
})

it('keeps answers of the terminal out of the text, late ones too', () => {
  expect(names('\u001b]11;rgb:ffff/ffff/ffff\u0007x\u001b]11;rgb:00/00/00\u001b\\')).toEqual([
    'reply:11;rgb:ffff/ffff/ffff',
    'char:x',
    'reply:11;rgb:00/00/00',
  ])
})

it('tells a light ground from a dark one', () => {
  expect(readGround('11;rgb:ffff/ffff/ffff')).toBe('light')
  expect(readGround('11;rgb:1e/1e/2e')).toBe('dark')
  expect(readGround('10;rgb:1e/1e/2e')).toBeUndefined()
})
