import type { ConversationEvent, FinishedCall, TurnEnd } from '../conversation/events.ts'
import { callSubject, callSucceeded, commandOutput, lastLines } from './call-words.ts'
import type { LinePrinter } from './line-view.ts'
import { renderMarkdown } from './markdown.ts'
import { Style } from './style.ts'
import { amount, clean, plural } from './text.ts'
import { Transcript } from './transcript.ts'
import { lostText } from './turn-view.ts'

const style = new Style({ depth: 'none', ascii: true, reducedMotion: true })
/** Nothing is broken for the eye: who listens hears whole sentences. */
const width = 10_000
const heardOutputLines = 3

/** The transcript for a screen reader: one sentence a line, no rules, no figures at the right edge, nothing redrawn. */
export class SpokenScreen implements LinePrinter {
  readonly transcript = new Transcript(style)
  readonly #write: (text: string) => void
  #isLost = false

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  print(lines: readonly string[]): void {
    const heard = lines.map((line) => line.trimEnd()).filter((line) => line.trim() !== '')
    if (heard.length > 0) this.#write(`${heard.map((line) => line.trimStart()).join('\n')}\n`)
  }

  notice(text: string): void {
    this.print(text.split('\n'))
  }

  show(event: ConversationEvent): void {
    this.print(this.#sentences(event))
  }

  #sentences(event: ConversationEvent): readonly string[] {
    switch (event.type) {
      case 'agent.switched':
        return [`${named(event.to)} takes over: ${oneLine(event.reason)}.`]
      case 'message':
        return spoken(`${named(event.agent)} says:`, event.text)
      case 'call.started':
        return event.call.tool === 'execute_command' ? [`Running: ${callSubject(event.call)}.`] : []
      case 'call.finished':
        return finished(event)
      case 'call.rejected':
        return [`Rejected by ${event.by}: ${callWords(event.call)}.`]
      case 'notice':
        return [`Note: ${oneLine(event.text)}.`]
      case 'steer.taken':
        return [`Taken into the turn: ${oneLine(event.text)}`]
      case 'steer.own':
        return [`Next: ${oneLine(event.text)}`]
      case 'connection.lost':
        if (this.#isLost) return []
        this.#isLost = true
        return [`${sentence(lostText(event))} Trying again.`]
      case 'connection.restored':
        this.#isLost = false
        return ['Connected again.']
      case 'turn.ended':
        return ended(event.end)
      default:
        return []
    }
  }
}

function named(agent: string): string {
  const name = agent === 'orchestrator' ? 'auto' : clean(agent)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim().replace(/\.$/, '')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** The answer, a sentence a line; code and tables keep their lines. */
function spoken(opening: string, text: string): string[] {
  const lines = renderMarkdown(text, width, style)
  const broken = lines.flatMap((line) => (line.startsWith('  ') ? [line] : line.split(/(?<=[.!?])\s+(?=\S)/)))
  const [first = '', ...rest] = broken
  return [`${opening} ${first}`, ...rest]
}

function callWords(call: FinishedCall['call']): string {
  const subject = callSubject(call)
  return `${clean(call.tool).replaceAll('_', ' ')}${subject ? ` ${subject}` : ''}`
}

function finished(event: FinishedCall): string[] {
  const { call, outcome, change } = event
  const isGood = callSucceeded(event)
  const result = isGood && change ? `${lines(change.added)} added, ${change.removed} removed` : oneLine(outcome.summary)
  const output = call.tool === 'execute_command' && !isGood ? lastLines(commandOutput(event), heardOutputLines) : []
  return [`${isGood ? 'Done' : 'Failed'}: ${callWords(call)}, ${result}.`, ...output.map((line) => clean(line))]
}

function lines(count: number): string {
  return plural(count, 'line')
}

function ended({ outcome, failure, changes, checks, usage, ms }: TurnEnd): string[] {
  if (outcome === 'cancelled') return ['Stopped by you.']
  if (failure) return [`Failed: ${oneLine(failure.message)}.`, ...(failure.hint ? [clean(failure.hint)] : [])]
  const tokens = usage ? `, ${amount(usage.input + usage.output)} tokens` : ''
  return [
    ...changes.map(({ path, added, removed }) => `Changed: ${clean(path)}, ${lines(added)} added, ${removed} removed.`),
    ...checks.map(({ command, isGood }) => `Check ${isGood ? 'passed' : 'failed'}: ${clean(command)}.`),
    `Turn ended after ${plural(Math.max(1, Math.round(ms / 1000)), 'second')}${tokens}.`,
  ]
}
