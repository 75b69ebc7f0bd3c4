import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { KeySource } from '../screen/keyboard.ts'
import type { Output } from '../screen/live-area.ts'
import { type ColourFlag, chooseDepth, needsAscii, Style } from '../screen/style.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'

/** What a command reads and writes. */
export interface Io {
  readonly stdin: KeySource & AsyncIterable<string | Buffer>
  readonly stdout: TerminalOutput
  readonly stderr: TerminalOutput
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

export interface TerminalOutput extends Output {
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** Options of every command. */
export interface CommonOptions {
  readonly server?: string
  readonly keyFile?: string
  readonly cwd?: string
  readonly color: ColourFlag
  readonly ascii?: boolean
  /** Nothing is redrawn, one sentence a line. */
  readonly screenReader?: boolean
}

/** Whether rows can be redrawn, and the person wants that. */
export function hasScreen(io: Io, options: CommonOptions): boolean {
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true && io.env['TERM'] !== 'dumb'
  return isTerminal && !wantsSpeech(io, options)
}

/** A screen reader is used: by the flag or by CODELAB_SCREEN_READER=1. */
export function wantsSpeech(io: Io, options: CommonOptions): boolean {
  return options.screenReader === true || io.env['CODELAB_SCREEN_READER'] === '1'
}

export function processIo(): Io {
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() }
}

/** The folder to work in: `--cwd`, the folder that `npm run` was called in, else the current one. */
export function workingFolder(io: Io, flag: string | undefined): string {
  const caller = io.env['npm_lifecycle_event'] && io.env['INIT_CWD'] ? io.env['INIT_CWD'] : io.cwd
  const path = flag === undefined ? caller : resolve(caller, flag)
  try {
    if (statSync(path).isDirectory()) return realpathSync(path)
  } catch {
    // Told below: there is no such folder.
  }
  throw new CommandFailure(
    exitCodes.usage,
    `${path} is not a folder`,
    flag === undefined ? [] : ['--cwd names the folder to work in.'],
  )
}

export function chooseStyle(io: Io, output: Output, options: CommonOptions): Style {
  return new Style({
    depth: chooseDepth(options.color, io.env, output.isTTY === true),
    ascii: options.ascii === true || needsAscii(io.env, process.platform),
    reducedMotion: io.env['CODELAB_REDUCED_MOTION'] === '1',
  })
}

/** The lines of a failure that ends a command. */
export function failureLines(failure: CommandFailure, style: Style): string[] {
  const head = style.paint('bad', style.mark(style.marks.failed) + failure.message)
  return [head, ...failure.details.map((line) => style.paint('dim', `${style.indent}  ${line}`))]
}
