import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify, stripVTControlCharacters } from 'node:util'
import { untilGone } from './processes.ts'

const run = promisify(execFile)
const waitMs = 25_000
const pollMs = 40
const commandMs = 10_000
const keptLines = 2000

export interface TerminalOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly columns?: number
  readonly rows?: number
}

/** A program in a pseudo-terminal of its own: a tmux server with one window, which nothing else knows of. */
export class Terminal implements AsyncDisposable {
  readonly columns: number
  readonly #folder: string
  readonly #socket = `codelab-${randomBytes(6).toString('hex')}`
  readonly #options: TerminalOptions

  constructor(options: TerminalOptions) {
    this.#options = options
    this.columns = options.columns ?? 80
    this.#folder = mkdtempSync(join(tmpdir(), 'codelab-tmux-'))
  }

  static async open(command: readonly string[], options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options)
    const size = ['-x', String(terminal.columns), '-y', String(options.rows ?? 40)]
    const settings = ['remain-on-exit on', `history-limit ${keptLines}`, 'default-terminal screen-256color']
    try {
      // The window stays when its program ends, so that its last words can be read.
      const prepare = settings.flatMap((setting) => ['set-option', '-g', ...setting.split(' '), ';'])
      // More than one word: tmux starts the program itself, without a shell.
      const words = command.length > 1 ? command : ['env', ...command]
      await terminal.#tmux(...prepare, 'new-session', '-d', ...size, '-c', options.cwd, '--', ...words)
    } catch (error) {
      await terminal[Symbol.asyncDispose]()
      throw error
    }
    return terminal
  }

  /** The rows of the window, without the spaces and empty rows at their ends. */
  async screen(): Promise<string> {
    return tidy(await this.#tmux('capture-pane', '-p'))
  }

  /** The window and what has left it upwards. A line that the terminal broke is one line here, longer than the window. */
  async transcript(): Promise<string> {
    return tidy(await this.#tmux('capture-pane', '-p', '-J', '-S', '-'))
  }

  /** The transcript with the sequences that colour it. */
  async coloured(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-e', '-S', '-')
  }

  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text)
  }

  /** Keys by tmux's names: `Enter`, `C-c`, `Escape`, or a letter. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', '--', ...keys)
  }

  /** Waits until the screen shows the text and gives the screen. Throws after 25 s, with what is there instead. */
  async see(wanted: string | RegExp): Promise<string> {
    return this.#until(() => this.screen(), wanted)
  }

  /** The same for what stands below the last line that shows `message` as a person's. */
  async seeAfter(message: string, wanted: string | RegExp): Promise<string> {
    const opening = `> ${message}`.slice(0, this.columns - 4)
    return this.#until(async () => {
      const lines = (await this.transcript()).split('\n')
      const start = lines.findLastIndex((line) => line.startsWith(opening))
      return start < 0 ? '' : lines.slice(start + 1).join('\n')
    }, wanted)
  }

  /** The exit code of the program, once it has ended by itself. */
  async ended(): Promise<number> {
    const server = Number(await this.#facts('#{pid}'))
    const state = await this.#until(async () => {
      const facts = await this.#facts('#{pane_dead} #{pane_dead_status}')
      // tmux 3.3 now and then misses that its child has ended, and looks when it is told once more.
      if (facts === '1') process.kill(server, 'SIGCHLD')
      return facts
    }, /^1 \d/)
    return Number(state.split(' ')[1])
  }

  async pid(): Promise<number> {
    return Number(await this.#facts('#{pane_pid}'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Both fail when tmux has never started.
    const [isDead, pid] = (await this.#facts('#{pane_dead} #{pane_pid}').catch(() => '1')).split(' ')
    await this.#tmux('kill-server').catch(() => undefined)
    // The program has lost its terminal; what it writes on its way out must not meet a folder that is being removed.
    if (isDead === '0') await untilGone(Number(pid))
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  async #facts(format: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', format)).trim()
  }

  async #until(read: () => Promise<string>, wanted: string | RegExp): Promise<string> {
    const limit = Date.now() + waitMs
    while (true) {
      const text = await read()
      if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text
      if (Date.now() > limit)
        throw new Error(`not seen within ${waitMs} ms: ${wanted}, but ${text}\n${await this.transcript()}`)
      await sleep(pollMs)
    }
  }

  /** `-f /dev/null`: nothing of the tester's own settings. */
  async #tmux(...args: readonly string[]): Promise<string> {
    const env = { ...this.#options.env, TMUX_TMPDIR: this.#folder }
    const all = ['-u', '-L', this.#socket, '-f', '/dev/null', ...args]
    const { stdout } = await run('tmux', all, { env, timeout: commandMs })
    return stdout
  }
}

function tidy(captured: string): string {
  return stripVTControlCharacters(captured)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
}
