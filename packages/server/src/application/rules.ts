import { folderRulesOf, isJudgedByRules, projectOf, runsOnWindows } from '../domain/client-rules.ts'
import type { CommandKnowledge } from '../domain/command-reach.ts'
import { asRule } from '../domain/grant.ts'
import { type CallJudge, judgeCall, type PartRuling, type Ruling, type SourcedRule } from '../domain/rules.ts'
import type { ClientProfile, Session } from '../domain/session.ts'
import type { Tool } from '../domain/tool.ts'
import { argumentsOf, type ToolCall } from '../domain/tool-call.ts'
import type { Transaction } from './ports/store.ts'
import { checkPaths } from './run/plan-calls.ts'

/** The judge of a session's calls; undefined for a client that keeps the contract's policy. */
export async function judgeOf(
  tx: Transaction,
  deps: { readonly commands: CommandKnowledge },
  session: Pick<Session, 'sid' | 'ownerId'>,
  client: ClientProfile | null,
): Promise<CallJudge | undefined> {
  if (!isJudgedByRules(client)) return undefined
  const rules = await rulesOf(tx, session, client)
  const windows = runsOnWindows(client)
  return (call) => judgeCall({ ...call, windows }, rules, deps.commands).ruling
}

/** A stored call, judged by the rules as they are now; undefined where the contract's policy is kept. */
export async function judgeStored(
  tx: Transaction,
  deps: { readonly tools: readonly Tool[]; readonly commands: CommandKnowledge },
  session: Pick<Session, 'sid' | 'ownerId'>,
  call: ToolCall,
): Promise<
  | {
      readonly ruling: Ruling
      readonly parts: readonly PartRuling[]
      readonly tool: Tool
      readonly client: ClientProfile
    }
  | undefined
> {
  const tool = deps.tools.find((row) => row.name === call.tool)
  const client = (await tx.turns.get(call.turnId))?.client ?? null
  if (!tool || !isJudgedByRules(client)) return undefined
  const args = argumentsOf(call)
  const checked = checkPaths(tool, args)
  if ('fault' in checked) return undefined
  const rules = await rulesOf(tx, session, client)
  const judged = judgeCall({ tool, args, paths: checked.paths, windows: runsOnWindows(client) }, rules, deps.commands)
  return { ...judged, tool, client }
}

/** The rules that hold in a session, weakest first; the built-in ones are not among them. */
export async function rulesOf(
  tx: Transaction,
  session: Pick<Session, 'sid' | 'ownerId'>,
  client: ClientProfile | null,
): Promise<readonly SourcedRule[]> {
  const project = projectOf(client)
  const ofProject = project ? await tx.grants.ofProject(session.ownerId, project.id) : []
  const ofSession = await tx.grants.ofSession(session.sid)
  return [...folderRulesOf(client), ...[...ofProject, ...ofSession].map(asRule)]
}
