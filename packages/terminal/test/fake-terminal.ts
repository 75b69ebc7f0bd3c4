import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import type { Io, TerminalOutput } from '../src/commands/io.ts'

/** An output that keeps what was written. */
export class FakeOutput extends EventEmitter implements TerminalOutput {
  columns = 80
  rows = 24
  text = ''
  readonly isTTY: boolean

  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }

  write(text: string): boolean {
    this.text += text
    return true
  }
}

/** A terminal's keys, or a pipe. `type` is what a person types. */
export class FakeInput extends Readable {
  readonly isTTY: boolean
  /** Every change of the raw mode, in order. */
  readonly rawModes: boolean[] = []

  constructor(isTTY: boolean, text?: string) {
    super()
    this.isTTY = isTTY
    if (text !== undefined) {
      this.push(text)
      this.push(null)
    }
  }

  override _read(): void {}

  setRawMode(on: boolean): this {
    this.rawModes.push(on)
    return this
  }

  type(text: string): void {
    this.push(text)
  }
}

export interface FakeIo extends Io {
  readonly stdin: FakeInput
  readonly stdout: FakeOutput
  readonly stderr: FakeOutput
}

/** A program's surroundings: no terminal unless `isTTY`, and nothing of this process's environment but what is given. */
export function fakeIo(options: { cwd: string; env: Record<string, string>; stdin?: string; isTTY?: boolean }): FakeIo {
  const isTTY = options.isTTY ?? false
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...options.env }
  const stdin = new FakeInput(isTTY, isTTY ? undefined : (options.stdin ?? ''))
  return { stdin, stdout: new FakeOutput(isTTY), stderr: new FakeOutput(isTTY), env, cwd: options.cwd }
}
