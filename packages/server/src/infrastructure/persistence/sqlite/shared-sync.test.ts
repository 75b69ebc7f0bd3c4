import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SharedSync } from './shared-sync.ts'

/** A disk whose syncs end when the test says so. */
function controlledDisk() {
  const syncs: PromiseWithResolvers<void>[] = []
  const failures: unknown[] = []
  const shared = new SharedSync({
    sync: () => {
      const sync = Promise.withResolvers<void>()
      syncs.push(sync)
      return sync.promise
    },
    onFailure: (error) => failures.push(error),
  })
  const commit = () => {
    shared.committed()
    return shared.settled()
  }
  return { shared, commit, syncs, failures }
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false
  promise.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  await setImmediate()
  return settled
}

describe('a shared sync', () => {
  it('starts at once for a commit that finds none under way', async () => {
    const { commit, syncs } = controlledDisk()
    const first = commit()
    expect(syncs).toHaveLength(1)
    expect(await isSettled(first)).toBe(false)
    syncs[0]?.resolve()
    await first
  })

  it('covers with the next one what was committed while one was under way', async () => {
    const { commit, syncs } = controlledDisk()
    const first = commit()
    const others = [commit(), commit(), commit()]
    expect(syncs).toHaveLength(1)
    syncs[0]?.resolve()
    await first
    await setImmediate()
    expect(syncs).toHaveLength(2)
    for (const other of others) expect(await isSettled(other)).toBe(false)
    syncs[1]?.resolve()
    await Promise.all(others)
    expect(syncs).toHaveLength(2)
  })

  it('lets a reader wait for what was committed before it, and not for more', async () => {
    const { shared, commit, syncs } = controlledDisk()
    await shared.settled()
    expect(syncs).toHaveLength(0)
    const first = commit()
    const reader = shared.settled()
    const later = commit()
    syncs[0]?.resolve()
    await Promise.all([first, reader])
    expect(await isSettled(later)).toBe(false)
    syncs[1]?.resolve()
    await later
    await shared.settled()
    expect(syncs).toHaveLength(2)
  })

  it('never has two under way, even for a commit in the very moment one has ended', async () => {
    let underWay = 0
    let most = 0
    const shared = new SharedSync({
      sync: async () => {
        underWay += 1
        most = Math.max(most, underWay)
        await setImmediate()
        underWay -= 1
      },
      onFailure: () => {},
    })
    const committer = async (): Promise<void> => {
      for (let n = 0; n < 30; n += 1) {
        shared.committed()
        await shared.settled()
        for (let hops = n % 5; hops > 0; hops -= 1) await undefined
      }
    }
    await Promise.all(Array.from({ length: 8 }, committer))
    expect(most).toBe(1)
  })

  it('fails all that wait, says so once and does not try again', async () => {
    const { shared, commit, syncs, failures } = controlledDisk()
    const waiting = [commit(), commit(), shared.settled()]
    syncs[0]?.reject(new Error('EIO'))
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected'])
    await expect(commit()).rejects.toMatchObject({ code: 'storage_unavailable', cause: new Error('EIO') })
    expect(shared.failure).toMatchObject({ code: 'storage_unavailable' })
    expect(failures).toEqual([shared.failure])
    expect(syncs).toHaveLength(1)
  })
})
