import { CommandFailure, exitCodes } from '../server/failure.ts'

const maxInput = 16 * 1024 * 1024

/** All of a piped input. Throws CommandFailure, exit 2, when it is longer than a message can be. */
export async function readAll(input: AsyncIterable<string | Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of input) {
    const bytes = Buffer.from(piece)
    size += bytes.length
    if (size > maxInput) throw new CommandFailure(exitCodes.usage, 'The input is longer than 16 MB')
    pieces.push(bytes)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** The lines of a piped input, one after the other; the last one also without a line end. */
export async function* readLines(input: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of input) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxInput) throw new CommandFailure(exitCodes.usage, 'A line is longer than 16 MB')
    for (const line of lines) yield line.replace(/\r$/, '')
  }
  if (rest !== '') yield rest
}
