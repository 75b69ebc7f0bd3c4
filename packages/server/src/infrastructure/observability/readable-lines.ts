import type { DestinationStream } from 'pino'

const shown = { trace: 'trace', debug: 'debug', info: 'info ', warn: 'warn ', error: 'error', fatal: 'fatal' } as const
const colour: Readonly<Record<string, string>> = { warn: '\u001b[33m', error: '\u001b[31m', fatal: '\u001b[31m' }
const dim = '\u001b[90m'
const plain = '\u001b[0m'

/** Log lines for a person: time, level, message, then the facts. Stacks go below the line. */
export function readableLines(output: NodeJS.WriteStream): DestinationStream {
  const coloured = output.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
  const paint = (code: string, text: string) => (coloured && code ? `${code}${text}${plain}` : text)
  return {
    write(line: string) {
      const { level, time, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
      const name = String(level)
      const label = shown[name as keyof typeof shown] ?? name
      const stacks: string[] = []
      const pairs = Object.entries(facts).flatMap(([key, value]) => {
        if (typeof value === 'object' && value !== null && 'stack' in value) stacks.push(String(value.stack))
        if (value === undefined || value === null) return []
        return [`${key}=${factText(value)}`]
      })
      const clock = String(time).slice(11, 23)
      const tail = pairs.length > 0 ? ` ${paint(dim, pairs.join(' '))}` : ''
      output.write(`${paint(dim, clock)} ${paint(colour[name] ?? '', label)} ${String(msg)}${tail}\n`)
      for (const stack of stacks) output.write(`${paint(dim, stack)}\n`)
    },
  }
}

function factText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return JSON.stringify(value.message)
  if (typeof value !== 'string') return JSON.stringify(value)
  return /[\s"=]/.test(value) ? JSON.stringify(value) : value
}
