import {
  AgentList,
  builtInAgents,
  CurrentAgent,
  ErrorBody,
  SessionId,
  SessionPath,
  SwitchAgentRequest,
  SwitchedAgent,
} from '@codelab/protocol'
import { z } from 'zod'
import { RuntimeError } from '../../application/index.ts'
import { HttpError } from '../errors.ts'
import { isGatewaySurface } from '../http/gateway-surface.ts'
import { ownerOf } from '../http/identity.ts'
import { booleanParameter } from '../http/query.ts'
import { agentContext, agentItem, currentAgent } from '../shapes/agent.ts'
import { failuresOfBody, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['agents']

export function addAgentRoutes(app: Api, { application }: RouteDeps): void {
  const { agents, commands, sessions } = application

  app.get(
    '/agents',
    {
      schema: {
        operationId: 'listAgents',
        summary: 'List the agents',
        description:
          'In order of registration: the one that routes comes first. With `session_id` those of the workspace of that session too; 404 for a session that is not there. Under `/api/v1` the bare array.',
        tags,
        querystring: z.object({
          session_id: SessionId.optional().describe('A session whose workspace may have agents.'),
        }),
        response: { 200: z.union([AgentList, AgentList.shape.agents]), ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.query
      const listed = sessionId === undefined ? agents : await sessions.agents({ ...ownerOf(request), sessionId })
      const items = listed.map((agent) => agentItem(agent, application.extraTools))
      return isGatewaySurface(request) ? items : { agents: items, total: items.length }
    },
  )

  app.get(
    '/agents/:session_id/current',
    {
      schema: {
        operationId: 'getCurrentAgent',
        summary: 'Which agent has a session',
        description:
          'And who had it before. `context.switch_history` is null unless asked for; `agent_history` is always there.',
        tags,
        params: SessionPath,
        querystring: z.object({ include_history: booleanParameter(false, 'Fill `context.switch_history`.') }),
        response: { 200: CurrentAgent, ...failuresWith404 },
      },
    },
    async (request) => {
      const ref = { ...ownerOf(request), sessionId: request.params.session_id }
      const { session, switches } = await sessions.currentAgent(ref).catch((error) => {
        throw isNotFound(error) ? new HttpError(404, 'not_found', 'Session not found') : error
      })
      return currentAgent(session, switches, request.query.include_history)
    },
  )

  // Of all modes, and those that were added.
  const names = [...new Set<string>([...builtInAgents, ...application.agents.map((agent) => agent.name)])]
  app.post(
    '/agents/:session_id/switch',
    {
      schema: {
        operationId: 'switchAgent',
        summary: 'Give a session to another agent',
        description:
          'The agent stays until somebody says otherwise. 400: an unknown agent, the one that has the session already, or more than 50 switches in the session.',
        tags,
        params: SessionPath,
        body: SwitchAgentRequest,
        response: { 200: SwitchedAgent, 400: ErrorBody, ...failuresOfBody, 404: ErrorBody, 409: ErrorBody },
      },
    },
    async (request) => {
      const ref = { ...ownerOf(request), sessionId: request.params.session_id }
      const { target_agent: agent, reason, confidence } = request.body
      await commands.switchAgent({ ...ref, agent, reason, confidence: confidence ?? null }).catch((error) => {
        throw inContractWords(error, agent, names)
      })
      const { session, switches } = await sessions.currentAgent(ref)
      return { context: agentContext(session, switches) }
    },
  )
}

function isNotFound(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === 'not_found'
}

/** The text that shipped clients know for a name that nobody has (PROTOCOL 2.9); ours says the same as a hint. */
function inContractWords(error: unknown, to: string, names: readonly string[]): unknown {
  if (!(error instanceof RuntimeError) || error.code !== 'agent_unknown' || names.includes(to)) return error
  const listed = names.map((name) => `'${name}'`).join(', ')
  const text = `Неверный тип агента: '${to}'. Допустимые значения: [${listed}]`
  return new RuntimeError(error.code, text, { cause: error, details: { hint: error.message } })
}
