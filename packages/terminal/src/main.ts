import { ApiError } from '@codelab/protocol'
import { CommanderError } from 'commander'
import { failureLines, type Io, processIo } from './commands/io.ts'
import { createProgram } from './commands/program.ts'
import { chooseDepth, needsAscii, Style } from './screen/style.ts'
import { clean } from './screen/text.ts'
import { CommandFailure, exitCodes } from './server/failure.ts'

/** Runs the command in `argv` (without the program's name) and gives the exit code. Ends nothing by itself. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let exitCode: number = exitCodes.done
  const program = createProgram(io, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has written its text already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const failure = error instanceof CommandFailure ? error : unexpected(error)
    const style = new Style({
      depth: chooseDepth('auto', io.env, io.stderr.isTTY === true),
      ascii: needsAscii(io.env, process.platform),
    })
    io.stderr.write(`${failureLines(failure, style).join('\n')}\n`)
    return failure.exitCode
  }
}

function unexpected(error: unknown): CommandFailure {
  if (error instanceof ApiError) {
    if (error.status === 401) return new CommandFailure(exitCodes.unauthorized, 'The server refused the key')
    return new CommandFailure(exitCodes.failed, `The server said: ${clean(error.message)}`)
  }
  if (error instanceof TypeError && error.message === 'fetch failed') {
    return new CommandFailure(exitCodes.unavailable, 'The server does not answer', [
      'Try again: codelab starts one where none runs.',
    ])
  }
  return new CommandFailure(
    exitCodes.failed,
    error instanceof Error ? clean(error.message) : 'It failed for an unknown reason',
  )
}
