/** One key press. A character has the name `char`; a paste comes as one key; an answer of the terminal has the name `reply`. */
export interface Key {
  readonly name: string
  readonly text: string
  readonly ctrl: boolean
  readonly alt: boolean
}

const maxPaste = 1024 * 1024
const pasteEnd = '\u001b[201~'

const letters: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  I: 'focus',
  O: 'blur',
}
const numbers: Readonly<Record<string, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
}

function key(name: string, options: { text?: string; ctrl?: boolean; alt?: boolean } = {}): Key {
  return { name, text: options.text ?? '', ctrl: options.ctrl ?? false, alt: options.alt ?? false }
}

/** Turns what a terminal sends into keys. Pieces may be cut anywhere; call `flush` when nothing followed for a moment: a lone Esc is a key. */
export class KeyDecoder {
  #rest = ''
  #paste: string | undefined

  get isWaiting(): boolean {
    return this.#rest !== '' && this.#paste === undefined
  }

  push(piece: string): Key[] {
    this.#rest += piece
    const keys: Key[] = []
    while (this.#rest !== '') {
      const found = this.#paste === undefined ? readKey(this.#rest) : this.#readPaste()
      if (!found) break
      this.#rest = this.#rest.slice(found.length)
      if (found.key?.name === 'paste-start') this.#paste = ''
      else if (found.key) keys.push(found.key)
    }
    return keys
  }

  flush(): Key[] {
    if (!this.isWaiting) return []
    const rest = this.#rest
    this.#rest = ''
    return rest === '\u001b' ? [key('escape')] : []
  }

  #readPaste(): Found | undefined {
    const end = this.#rest.indexOf(pasteEnd)
    // The end mark may be cut: keep as much as it is long.
    const upTo = end < 0 ? Math.max(0, this.#rest.length - pasteEnd.length) : end
    this.#paste = ((this.#paste ?? '') + this.#rest.slice(0, upTo)).slice(0, maxPaste)
    if (end < 0) {
      this.#rest = this.#rest.slice(upTo)
      return undefined
    }
    const text = this.#paste
    this.#paste = undefined
    return { key: key('paste', { text }), length: end + pasteEnd.length }
  }
}

interface Found {
  readonly key: Key | undefined
  readonly length: number
}

/** The first key of `text`, or undefined when it is not complete. */
function readKey(text: string): Found | undefined {
  const first = text.charCodeAt(0)
  if (first === 27) return readEscape(text)
  if (first === 13) return { key: key('enter'), length: 1 }
  if (first === 10) return { key: key('newline'), length: 1 }
  if (first === 9) return { key: key('tab'), length: 1 }
  if (first === 8 || first === 127) return { key: key('backspace'), length: 1 }
  if (first < 32) return { key: key(String.fromCharCode(first + 96), { ctrl: true }), length: 1 }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the run ends at a control character
  const run = /^[^\u0000-\u001f\u007f]+/.exec(text)?.[0] ?? text.slice(0, 1)
  const character = String.fromCodePoint(run.codePointAt(0) ?? 0)
  return { key: key('char', { text: character }), length: character.length }
}

function readEscape(text: string): Found | undefined {
  if (text.length === 1) return undefined
  const second = text.charAt(1)
  if (second === '[') return readControl(text)
  if (second === 'O') {
    if (text.length < 3) return undefined
    const name = letters[text.charAt(2)]
    return { key: name ? key(name) : undefined, length: 3 }
  }
  if (second === ']' || second === 'P' || second === '_') return readReply(text)
  if (second === '\u001b') return { key: key('escape'), length: 1 }
  const inner = readKey(text.slice(1))
  if (!inner?.key) return inner
  const alt = inner.key.name === 'enter' ? key('newline') : { ...inner.key, alt: true }
  return { key: alt, length: inner.length + 1 }
}

/** `ESC [ parameters letter`. */
function readControl(text: string): Found | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control sequence is what is looked for
  const match = /^\u001b\[([0-9;:<=>?]*)([ -/]*[@-~])/.exec(text)
  if (!match) return text.length > 64 ? { key: undefined, length: 2 } : undefined
  const [whole, parameters = '', final = ''] = match
  const [number = '', modifier = '1', third = ''] = parameters.split(';')
  const bits = Number.parseInt(modifier, 10) - 1
  const held = { alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 }
  const length = whole.length
  if (final === '~' && number === '200') return { key: key('paste-start'), length }
  // Enter with a modifier held, as two protocols write it.
  if ((final === 'u' && number === '13') || (final === '~' && number === '27' && third === '13')) {
    return { key: key(bits > 0 ? 'newline' : 'enter'), length }
  }
  const name = final === '~' ? numbers[number] : letters[final]
  return { key: name ? key(name, held) : undefined, length }
}

/** An answer of the terminal to a question, `ESC ] … BEL` or `… ESC \`. */
function readReply(text: string): Found | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the end of the answer is a control character
  const match = /^\u001b[\]P_]([^\u0007\u001b]*)(?:\u0007|\u001b\\)/.exec(text)
  if (match) return { key: key('reply', { text: match[1] ?? '' }), length: match[0].length }
  return text.length > 4096 ? { key: undefined, length: 2 } : undefined
}
