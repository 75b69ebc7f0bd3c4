import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a process of the benchmark can be asked; one answer for each. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>

type Argument<C extends Commands, N extends keyof C> = Parameters<C[N]>[0]
type Result<C extends Commands, N extends keyof C> = Awaited<ReturnType<C[N]>>

interface Question {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** A part of the benchmark that runs beside it, so that its work is nobody else's CPU time. */
export class Child<C extends Commands> implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #last = 0

  private constructor(process: ChildProcess) {
    this.#process = process
    process.on('message', ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error))
    })
    process.on('exit', (code) => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(`it ended with ${code}`))
    })
  }

  static async start<C extends Commands>(module: URL, settings: Readonly<Record<string, string>> = {}) {
    const execArgv = ['--conditions=codelab-source']
    const child = fork(module, [JSON.stringify(settings)], { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const [ready] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    if (ready !== 'ready') throw new Error(`${module} did not start`)
    return new Child<C>(child)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  ask<N extends keyof C & string>(name: N, argument: Argument<C, N>): Promise<Result<C, N>> {
    const id = ++this.#last
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiting)
    this.#process.send({ id, name, argument } satisfies Question)
    return waiting.promise as Promise<Result<C, N>>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}

/** The other side of it, in the child: says that it is ready and answers until its parent is gone. */
export function answerParent<C extends Commands>(commands: C): void {
  process.on('message', async ({ id, name, argument }: Question) => {
    try {
      process.send?.({ id, result: await commands[name]?.(argument as never) } satisfies Answer)
    } catch (thrown) {
      process.send?.({ id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
    }
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

export function settingsOfChild(): Readonly<Record<string, string>> {
  return JSON.parse(process.argv[2] ?? '{}')
}
