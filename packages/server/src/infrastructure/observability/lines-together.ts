import type { DestinationStream } from 'pino'

const mostWaiting = 64 * 1024

/** Lines of one turn of the event loop go out in one write: each write is a call of the system, and stops everything meanwhile. */
export function linesTogether(output: NodeJS.WritableStream): DestinationStream {
  let waiting = ''
  const flush = () => {
    if (waiting === '') return
    const text = waiting
    waiting = ''
    output.write(text)
  }
  process.on('exit', flush)
  return {
    write(line: string) {
      if (waiting === '') setImmediate(flush)
      waiting += line
      if (waiting.length > mostWaiting) flush()
    },
  }
}
