import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock } from '../../../src/application/ports/clock.ts'
import type { Log } from '../../../src/application/ports/log.ts'

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await setTimeout(ms, undefined, signal ? { signal } : {}).catch(() => {})
  },
}

/** A clock on which only sleeping takes time, and none of the tester's. */
export function sleepingClock(): Clock {
  let elapsed = 0
  return {
    now: () => elapsed,
    monotonic: () => elapsed,
    sleep: async (ms) => {
      elapsed += ms
      await setImmediate()
    },
  }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** A folder that goes with the end of its scope. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'codelab-store-'))
  return {
    path,
    [Symbol.dispose]() {
      chmodSync(path, 0o700)
      rmSync(path, { recursive: true })
    },
  }
}
