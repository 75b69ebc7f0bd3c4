import { TextDecoder } from 'node:util'
import { wrong } from './tool-arguments.ts'
import { ToolError } from './tool-error.ts'

const manyBytes = new Set([
  'utf-16be',
  'gbk',
  'gb18030',
  'big5',
  'euc-jp',
  'iso-2022-jp',
  'shift_jis',
  'euc-kr',
  'replacement',
  'x-user-defined',
])

/** Text of a file, without a leading byte order mark. Throws ToolError when the bytes are not text in that encoding. */
export function decodeText(bytes: Uint8Array, encoding: string, shown: string): string {
  const decoder = decoderFor(encoding)
  if (decoder.encoding.startsWith('utf-8') && bytes.subarray(0, 8000).includes(0)) {
    const size = `${bytes.length.toLocaleString('en-US')} bytes`
    throw new ToolError(`"${shown}" is not a text file: it holds binary data (${size})${utf16Hint(bytes)}.`, 'not text')
  }
  try {
    return decoder.decode(bytes)
  } catch {
    const hint =
      decoder.encoding === 'utf-8'
        ? ' If it is text in another encoding, give its name as "encoding" (windows-1251, latin1, utf-16le).'
        : ''
    throw new ToolError(`"${shown}" is not ${decoder.encoding.toUpperCase()} text.${hint}`, `not ${decoder.encoding}`)
  }
}

/** The same for a person's eyes: what cannot be decoded is shown as replacement characters. */
export function decodeLeniently(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(decoderFor(encoding).encoding).decode(bytes)
}

/** The bytes of a text. Throws ToolError for an unknown encoding and for characters that it lacks. */
export function encodeText(text: string, encoding: string): Buffer {
  const name = decoderFor(encoding).encoding
  if (!text.isWellFormed()) throw wrong('"content" holds half of a surrogate pair and cannot be stored as text.')
  if (name === 'utf-8') return Buffer.from(text, 'utf8')
  if (name === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (manyBytes.has(name)) throw wrong(`Writing ${name} is not supported. Use utf-8, utf-16le or a one-byte encoding.`)
  return encodeOneByte(text, name)
}

/** The byte order mark that these bytes begin with in that encoding; empty when there is none. */
export function byteOrderMark(bytes: Uint8Array, encoding: string): Buffer {
  const name = decoderFor(encoding).encoding
  if (name !== 'utf-8' && name !== 'utf-16le') return Buffer.alloc(0)
  const mark = Buffer.from('\ufeff', name === 'utf-8' ? 'utf8' : 'utf16le')
  return mark.equals(bytes.subarray(0, mark.length)) ? mark : Buffer.alloc(0)
}

function decoderFor(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    throw wrong(
      `The encoding "${encoding.slice(0, 40)}" is unknown. Use utf-8, utf-16le, latin1 or another WHATWG name.`,
    )
  }
}

/** The table is read off the decoder, so that what was read is written back as the same bytes. */
function encodeOneByte(text: string, name: string): Buffer {
  const decoder = new TextDecoder(name)
  const codes = new Map<string, number>()
  for (let code = 255; code >= 0; code--) codes.set(decoder.decode(Uint8Array.of(code)), code)
  codes.delete('\ufffd')
  const bytes = Buffer.alloc(text.length)
  let length = 0
  for (const character of text) {
    const code = codes.get(character)
    if (code === undefined) throw wrong(`"content" holds "${character}", which ${name} does not have. Use utf-8.`)
    bytes[length++] = code
  }
  return bytes.subarray(0, length)
}

function utf16Hint(bytes: Uint8Array): string {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  return marked ? ', or text in UTF-16 (give "encoding": "utf-16le")' : ''
}
