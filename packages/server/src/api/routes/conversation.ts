import { ErrorBody, PendingApprovals, SessionHistory, SessionPath, SessionToolCalls } from '@codelab/protocol'
import { z } from 'zod'
import { ownerOf } from '../http/identity.ts'
import { choiceParameter, integerParameter } from '../http/query.ts'
import { agentHistoryEntry } from '../shapes/agent.ts'
import { historyMessage } from '../shapes/message.ts'
import { timestamp } from '../shapes/time.ts'
import { pendingApproval, sessionToolCall } from '../shapes/tool-call.ts'
import { failuresWith404 } from './failures.ts'
import { checkPage, type Page, pageParameters } from './page.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['sessions']

/** What was said in a session, and what it waits for. */
export function addConversationRoutes(app: Api, { application }: RouteDeps): void {
  const { sessions } = application

  app.get(
    '/sessions/:session_id/history',
    {
      schema: {
        operationId: 'getHistory',
        summary: 'Read the messages',
        description:
          'Oldest first, in the form a model is given, without the system prompt. All of them, unless `limit` or `offset` is given.',
        tags,
        params: SessionPath,
        querystring: z.object({
          limit: integerParameter({
            missing: undefined,
            minimum: 1,
            maximum: 1000,
            description: 'How many to return. Left out: all.',
          }),
          offset: pageParameters.offset,
        }),
        response: { 200: SessionHistory, 400: ErrorBody, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      const page = pageOf(request.query)
      const { session, messages, switches } = await sessions.history({ ...ownerOf(request), sessionId }, page)
      return {
        session_id: sessionId,
        messages: messages.map(historyMessage),
        message_count: messages.length,
        last_activity: timestamp(session.lastActivity),
        current_agent: session.currentAgent,
        agent_history: switches.map(agentHistoryEntry),
      }
    },
  )

  app.get(
    '/sessions/:session_id/pending-approvals',
    {
      schema: {
        operationId: 'listPendingApprovals',
        summary: 'List what waits for a person',
        description:
          'Tool calls that may run only after a decision, oldest first. They wait without an end, also over a restart.',
        tags,
        params: SessionPath,
        response: { 200: PendingApprovals, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      const calls = await sessions.pendingApprovals({ ...ownerOf(request), sessionId })
      return { session_id: sessionId, pending_approvals: calls.map(pendingApproval), count: calls.length }
    },
  )

  app.get(
    '/sessions/:session_id/tool-calls',
    {
      schema: {
        operationId: 'listToolCalls',
        summary: 'List tool calls',
        description:
          'Oldest first. `state=open` lists those that wait: for a decision, or for the client that runs them. A client that comes back finds its work here.',
        tags,
        params: SessionPath,
        querystring: z.object({ state: choiceParameter(['open'], '`open`: only calls that wait. Left out: all.') }),
        response: { 200: SessionToolCalls, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      const calls = await sessions.toolCalls({ ...ownerOf(request), sessionId }, request.query.state ?? 'all')
      return { session_id: sessionId, tool_calls: calls.map(sessionToolCall), count: calls.length }
    },
  )
}

/** Undefined: all of it. */
function pageOf({ limit, offset }: { readonly limit: number | undefined; readonly offset: number }): Page | undefined {
  checkPage({ limit: limit ?? 1, offset })
  if (limit === undefined) return offset === 0 ? undefined : { limit: Number.MAX_SAFE_INTEGER, offset }
  return { limit, offset }
}
