import type { FanOut } from '../ports/fan-out.ts'

/** Nobody else has the store. */
export const alone: FanOut = {
  listener: 'alone',
  tell() {},
  follow() {},
  unfollow() {},
  async start() {},
  async stop() {},
}
