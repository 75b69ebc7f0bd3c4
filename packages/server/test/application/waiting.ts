import { setTimeout as sleep } from 'node:timers/promises'
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
