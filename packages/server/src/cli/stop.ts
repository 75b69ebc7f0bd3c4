import type { Log } from '../application/ports/log.ts'
import type { Runtime } from '../compose.ts'

/** A process group and its leader may both pass a signal on; only what comes later is a second wish. */
const repeatMs = 1_000
const idleChecks = 10

/** Resolves with 0 at the first signal that asks to stop. A second one, a second later, ends the process at once. */
export function stopRequested(log: Log): Promise<number> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstAt === undefined) {
        firstAt = performance.now()
        log.info('asked to stop', { signal })
        resolve(0)
      } else if (performance.now() - firstAt > repeatMs) process.exit(1)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  })
}

/** Resolves with 0 when nobody has asked anything for `idleMs` and nothing runs; never when it is 0. */
export function whenIdle({ app, application }: Runtime, idleMs: number): Promise<number> {
  if (idleMs === 0) return new Promise(() => undefined)
  let open = 0
  let lastAt = performance.now()
  app.server.on('request', (_request, response) => {
    open++
    response.once('close', () => {
      open--
      lastAt = performance.now()
    })
  })
  return new Promise((resolve) => {
    const check = setInterval(() => {
      if (open > 0 || application.busy || performance.now() - lastAt < idleMs) return
      clearInterval(check)
      resolve(0)
    }, idleMs / idleChecks)
    check.unref()
  })
}
