import { StringDecoder } from 'node:string_decoder'

/** What a program printed, head and tail, however much it was. */
export interface KeptText {
  readonly text: string
  readonly truncated: boolean
  /** Lines printed in all, kept or not. */
  readonly lines: number
}

export interface OutputCollector {
  add(bytes: Buffer): void
  /** No more will come. */
  end(): KeptText
}

const headShare = 0.2
const pieceLength = 4096
/** Longest unfinished escape sequence that is waited for. */
const longestSequence = 4096

/**
 * Collects one stream in bounded memory: `limit` characters, the first fifth and the end. Escape sequences are taken out;
 * `onText` gets the rest as it comes, where colours are kept, `onPlain` without them.
 */
export function createOutputCollector(
  limit: number,
  onText: (text: string) => void,
  onPlain: (text: string) => void = () => undefined,
): OutputCollector {
  const decoder = new StringDecoder('utf8')
  const kept = createHeadAndTail(limit)
  let rest = ''

  function take(text: string, isLast: boolean): void {
    const whole = rest + text
    const cut = isLast ? whole.length : unfinishedSequence(whole)
    rest = whole.slice(cut)
    const ready = whole.slice(0, cut)
    if (ready === '') return
    const plain = stripSequences(ready, false)
    kept.add(plain)
    onPlain(plain)
    const shown = stripSequences(ready, true)
    if (shown !== '') onText(shown)
  }

  return {
    add: (bytes) => take(decoder.write(bytes), false),
    end() {
      take(decoder.end(), true)
      return kept.end()
    },
  }
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
/** ECMA-48: control sequences, strings (OSC, DCS, SOS, PM, APC) up to their end, all shorter escapes. */
const sequences =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]|\x1b/g
const colour = /^\x1b\[[0-9;:]*m$/
const beginning = /^(?:\x1b|\x1b\[[0-?]*[ -/]*|\x9b[0-?]*[ -/]*|\x1b[\]PX^_][^\x07\x1b\x9c]*\x1b?|\x1b[ -/]+)$/
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: escape sequences are made of them

export function stripSequences(text: string, keepColour: boolean): string {
  if (!text.includes('\x1b') && !text.includes('\x9b')) return text
  return text.replace(sequences, (sequence) => (keepColour && colour.test(sequence) ? sequence : ''))
}

/** Where a sequence begins that the next chunk may finish; the end when there is none. */
function unfinishedSequence(text: string): number {
  let at = Math.max(text.lastIndexOf('\x1b'), text.lastIndexOf('\x9b'))
  // The string terminator is itself an escape: look at what it would end.
  if (at === text.length - 1 && at > 0) {
    const before = text.lastIndexOf('\x1b', at - 1)
    if (before !== -1 && beginning.test(text.slice(before))) at = before
  }
  if (at === -1 || text.length - at > longestSequence) return text.length
  return beginning.test(text.slice(at)) ? at : text.length
}

export interface HeadAndTail {
  add(text: string): void
  end(): KeptText
}

export function createHeadAndTail(limit: number): HeadAndTail {
  const headLimit = Math.floor(limit * headShare)
  const tailLimit = limit - headLimit
  let head = ''
  // In pieces, so that dropping the front of a long tail copies nothing.
  let tail: string[] = []
  let dropped = 0
  let tailLength = 0
  let leftOut = 0
  let lineEnds = 0
  let lastCharacter = '\n'

  function add(text: string): void {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineEnds++
    lastCharacter = text.at(-1) ?? lastCharacter
    const forHead = text.slice(0, headLimit - head.length)
    head += forHead
    if (forHead.length < text.length) addToTail(text.slice(forHead.length))
  }

  function addToTail(text: string): void {
    const last = tail.at(-1)
    if (last !== undefined && last.length < pieceLength && tail.length > dropped) tail[tail.length - 1] = last + text
    else tail.push(text)
    tailLength += text.length
    for (
      let first = tail[dropped];
      first !== undefined && tailLength - first.length >= tailLimit;
      first = tail[dropped]
    ) {
      tail[dropped++] = ''
      tailLength -= first.length
      leftOut += first.length
    }
    if (dropped > 1000) {
      tail = tail.slice(dropped)
      dropped = 0
    }
  }

  function end(): KeptText {
    const lines = lineEnds + (lastCharacter === '\n' ? 0 : 1)
    const whole = tail.join('')
    const surplus = Math.max(0, whole.length - tailLimit)
    const left = leftOut + surplus
    const kept = whole.slice(surplus)
    if (left === 0) return { text: (head + kept).toWellFormed(), truncated: false, lines }
    const note = `\n[… ${left.toLocaleString('en-US')} characters left out …]\n`
    return { text: (head + note + kept).toWellFormed(), truncated: true, lines }
  }

  return { add, end }
}
