import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../crash/random.ts'
import type { Cluster } from './cluster.ts'

/** What befalls one of three replicas, most often the one that works for the client whose moment has come. */
export const faultKinds = ['kill', 'stop', 'pause', 'cut', 'dead', 'postgres'] as const
export type FaultKind = (typeof faultKinds)[number]

/** Long enough that the others take over, or shorter. */
const overSilent = ({ cluster, random }: FaultScene) => cluster.silentMs * 1.4 + random.below(1_500)
const underSilent = ({ cluster, random }: FaultScene) => 50 + random.below(cluster.silentMs / 3)
const either = (scene: FaultScene) => (scene.random.chance(0.4) ? overSilent(scene) : underSilent(scene))

/** Carries it out and makes it good again. `beforeGoOn` is called while a replica that was stopped for long still stands. */
export async function befall(kind: FaultKind, scene: FaultScene): Promise<void> {
  const { cluster, victim, random, beforeGoOn } = scene
  const replica = cluster.replicas[victim]
  const link = cluster.links[victim]
  if (!replica || !link) throw new Error(`no replica ${victim}`)
  switch (kind) {
    case 'kill':
      await replica.stop('SIGKILL')
      await sleep(random.below(1_500))
      return await replica.start()
    case 'stop':
      replica.signal('SIGSTOP')
      await sleep(overSilent(scene))
      await beforeGoOn()
      replica.signal('SIGCONT')
      return
    case 'pause':
      replica.signal('SIGSTOP')
      await sleep(underSilent(scene))
      replica.signal('SIGCONT')
      return
    case 'cut':
      link.cut()
      await sleep(either(scene))
      return link.heal()
    case 'dead':
      link.die()
      await sleep(either(scene))
      return link.heal()
    case 'postgres':
      await cluster.postgres.stop('kill')
      await sleep(either(scene))
      return await cluster.postgres.start()
  }
}

export interface FaultScene {
  readonly cluster: Cluster
  readonly victim: number
  readonly random: Random
  beforeGoOn(): Promise<void>
}
