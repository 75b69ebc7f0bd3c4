import { durability } from './durability.ts'
import { longSessions } from './long-sessions.ts'
import { lists, starts } from './many-sessions.ts'
import { memory } from './memory.ts'
import { onPostgres } from './postgres.ts'
import { plainRequests } from './requests.ts'
import type { Scenario } from './scenario.ts'
import { manyStreams } from './streams.ts'
import { toolsAndReaders } from './tools-and-readers.ts'
import { firstToken, longAnswers, shortTurn, turning } from './turns.ts'

export const scenarios: readonly Scenario[] = [
  turning(1, firstToken),
  turning(2, shortTurn),
  turning(3, longAnswers),
  manyStreams,
  memory,
  longSessions,
  lists,
  plainRequests,
  starts,
  durability,
  onPostgres,
  toolsAndReaders,
]
