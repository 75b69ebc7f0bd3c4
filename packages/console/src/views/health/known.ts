import {
  type AgentList,
  ApiError,
  type DeadLetters,
  type Health,
  type ModelList,
  type Overview,
} from '@codelab/protocol'
import { api, call } from '../../net/api.ts'

/** What is known of the server; what only operators are told is missing for others. */
export interface Known {
  readonly health: Health
  readonly agents: AgentList
  readonly models: ModelList
  readonly overview: Overview | undefined
  readonly letters: DeadLetters | undefined
}

/** Reads all of it at once. */
export async function readKnown(signal: AbortSignal): Promise<Known> {
  const operators = async <T>(path: string): Promise<T | undefined> => {
    try {
      return await call<T>('GET', path, undefined, signal)
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return undefined
      throw error
    }
  }
  const [health, agents, models, overview, letters] = await Promise.all([
    api.health(),
    api.agents(),
    api.models(),
    operators<Overview>('/overview'),
    operators<DeadLetters>('/events/dead-letters?limit=50'),
  ])
  return { health, agents, models, overview, letters }
}
