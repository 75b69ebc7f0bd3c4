import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FanOut } from '../../src/application/ports/fan-out.ts'

export interface FanOutUnderTest extends AsyncDisposable {
  readonly replicas: readonly [FanOut, FanOut, FanOut]
  /** Says who works on a session. */
  own(sid: string, replica: FanOut): Promise<void>
}

const lateMs = 300

/** What every way between replicas must do. Each adapter's test file calls this with its own maker. */
export function describeFanOut(name: string, make: () => Promise<FanOutUnderTest>): void {
  describe(`fan-out: ${name}`, () => {
    let current: FanOutUnderTest
    let heard: [Set<string>, Set<string>, Set<string>]
    let followed: Set<string>

    beforeEach(async () => {
      current = await make()
      heard = [new Set(), new Set(), new Set()]
      followed = new Set()
      for (const [index, replica] of current.replicas.entries()) {
        await replica.start({
          heard: (sid) => heard[index as 0 | 1 | 2].add(sid),
          followed: (sid) => index === 0 && followed.add(sid),
        })
      }
    })
    afterEach(async () => {
      for (const replica of current.replicas) await replica.stop()
      await current[Symbol.asyncDispose]()
    })

    it('brings word to who follows a session, and to nobody else', async () => {
      const [a, b] = current.replicas
      b.follow('s1')
      await sleep(lateMs)
      a.tell('s1')
      a.tell('s2')
      await expect.poll(() => [...heard[1]]).toEqual(['s1'])
      await sleep(lateMs)
      expect(heard.map((all) => [...all])).toEqual([[], ['s1'], []])
      // Who told knows that somebody wanted to hear it.
      expect([...followed]).toEqual(['s1'])
    })

    it('brings word to who works on a session', async () => {
      const [a, b] = current.replicas
      await current.own('s1', b)
      a.tell('s1')
      await expect.poll(() => [...heard[1]]).toEqual(['s1'])
      expect(heard[0].size + heard[2].size).toBe(0)
    })

    it('tells who works on a session that somebody follows it', async () => {
      const [a, b] = current.replicas
      await current.own('s1', a)
      b.follow('s1')
      await expect.poll(() => [...heard[0]]).toEqual(['s1'])
    })

    it('is quiet about what nobody follows any more', async () => {
      const [a, b] = current.replicas
      b.follow('s1')
      b.follow('s2')
      await sleep(lateMs)
      b.unfollow('s1')
      await sleep(lateMs)
      a.tell('s1')
      a.tell('s2')
      await expect.poll(() => [...heard[1]]).toEqual(['s2'])
    })

    it('follows what was followed, unfollowed and followed again', async () => {
      const [a, b] = current.replicas
      b.follow('s1')
      b.unfollow('s1')
      b.follow('s1')
      await sleep(lateMs)
      a.tell('s1')
      await expect.poll(() => [...heard[1]]).toEqual(['s1'])
    })

    it('brings word of many sessions, each at least once', async () => {
      const [a, b] = current.replicas
      const sids = Array.from({ length: 1_000 }, (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`)
      for (const sid of sids) b.follow(sid)
      await sleep(2 * lateMs)
      for (let round = 0; round < 3; round++) for (const sid of sids) a.tell(sid)
      await expect.poll(() => heard[1].size, { timeout: 10_000 }).toBe(sids.length)
    })

    it('says nothing after its end', async () => {
      const [a, b] = current.replicas
      b.follow('s1')
      await sleep(lateMs)
      await b.stop()
      a.tell('s1')
      await sleep(lateMs)
      expect(heard[1].size).toBe(0)
    })
  })
}
