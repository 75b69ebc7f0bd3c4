import { follow, unfollow } from '../load/readers.ts'
import { runRequests } from '../load/requests.ts'
import { runTurns } from '../load/turns.ts'
import { answerParent } from './child.ts'

const commands = { turns: runTurns, requests: runRequests, follow, unfollow }

export type Load = typeof commands

answerParent(commands)
