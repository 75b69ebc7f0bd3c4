import { setTimeout as sleep } from 'node:timers/promises'
import type { Input, Transaction } from '../../src/application/ports/store.ts'
import type { Run } from '../../src/domain/session.ts'
import { type Script, says } from '../fakes/scripted-model.ts'

const limitMs = 10_000

/** An answer that waits in the middle until it is let go. */
export function held(text: string): { readonly script: Script; release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { script: [{ type: 'text-delta', text: `${text} ` }, promise, ...says(text)], release: () => resolve() }
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('it never became true')
    await sleep(5)
  }
}

/** Further back than any sign of life: everybody counts as silent. */
export const ever = -1e12

export function inputsInLine(tx: Transaction): Promise<readonly Input[]> {
  return tx.replicas.orphanedInputs(ever, 100)
}

export async function runsNow(tx: Transaction): Promise<readonly Run[]> {
  return (await tx.replicas.orphanedRuns(ever, 100)).map(({ run }) => run)
}
