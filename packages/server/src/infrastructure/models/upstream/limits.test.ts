import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { TimeLimits } from './limits.ts'

const fired = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve))

describe('TimeLimits', () => {
  it('stops the request when a limit passes, and says which', async () => {
    const limits = new TimeLimits(new AbortController().signal)
    limits.arm('headers', 60_000)
    limits.arm('idle', 5)
    await fired(limits.signal)
    expect(limits.passed).toBe('idle')
    expect(limits.cancelled).toBe(false)
  })

  it('stops it when the caller cancels, which is no time-out', () => {
    const cancel = new AbortController()
    const limits = new TimeLimits(cancel.signal)
    cancel.abort()
    expect(limits.signal.aborted).toBe(true)
    expect(limits.cancelled).toBe(true)
    expect(limits.passed).toBeUndefined()
  })

  it('lets the caller go at its end', () => {
    const cancel = new AbortController()
    const limits = new TimeLimits(cancel.signal)
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(1)
    limits.end()
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(0)
  })
})
