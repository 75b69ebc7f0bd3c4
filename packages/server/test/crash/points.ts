/** Moments of a turn at which the server is killed (docs/guarantees.md); `recovery` is one of the start after a kill. */
export const killPoints = [
  'on_send',
  'upstream_request',
  'first_chunk',
  'mid_chunk',
  'upstream_token',
  'after_terminal',
  'tool_emitted',
  'approval_pending',
  'on_tool_result',
  'tool_result_upstream',
  'tool_result_first_chunk',
  'on_decision',
  'decision_upstream',
  'decision_first_chunk',
  'recovery',
  'random',
] as const
export type KillPoint = (typeof killPoints)[number]

/** Waits for a point to be passed for the n-th time, then kills at once: whoever passes it has already noted what it saw. */
export class Trigger {
  #point: KillPoint | undefined
  #left = 0
  #kill: () => void = () => undefined
  #resolve: () => void = () => undefined

  arm(point: KillPoint, skip: number, kill: () => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#point = point
    this.#left = skip
    this.#kill = kill
    this.#resolve = resolve
    return promise
  }

  disarm(): void {
    this.#point = undefined
  }

  hit(point: KillPoint): void {
    if (point !== this.#point || this.#left-- > 0) return
    this.#point = undefined
    this.#kill()
    this.#resolve()
  }
}
