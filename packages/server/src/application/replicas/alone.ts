import type { FanOut } from '../ports/fan-out.ts'

/** Nobody else has the store. */
export const alone: FanOut = {
  listener: 'alone',
  tell() {},
  follow() {},
  unfollow() {},
  renew() {},
  async start() {},
  async stop() {},
}
