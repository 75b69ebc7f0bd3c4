import type { CommandKnowledge } from '../../domain/command-reach.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Tool } from '../../domain/tool.ts'
import type { Agents } from '../agents.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { ConnectedClients } from '../replicas/connected-clients.ts'
import type { Lease } from '../replicas/lease.ts'
import type { Histories } from '../run/histories.ts'
import type { SessionAgents } from '../session-agents.ts'

export interface TakeDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly lease: Lease
  readonly connected: ConnectedClients
  readonly agents: Agents
  readonly sessionAgents: SessionAgents
  readonly tools: readonly Tool[]
  readonly commands: CommandKnowledge
  readonly policy: Policy
  readonly histories: Pick<Histories, 'forget'>
  readonly hitl: { readonly approve: 'run' | 'acknowledge'; readonly strict: boolean }
}
