import {
  ApprovalPath,
  CreatedRule,
  CreateRuleRequest,
  DeletedRule,
  ErrorBody,
  ExplainedRule,
  ExplainRuleRequest,
  RuleList,
  RulePath,
  RuleSuggestions,
  TriedRule,
  TryRuleRequest,
} from '@codelab/protocol'
import { z } from 'zod'
import { HttpError } from '../errors.ts'
import { ownerOf } from '../http/identity.ts'
import { textParameter } from '../http/query.ts'
import { createdRule, explainedRule, ruleList, triedRule } from '../shapes/rules.ts'
import { failuresOfBody, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['rules']

/** Below `/rules` too, and no rules. */
const questions: ReadonlySet<string> = new Set(['explain', 'try'])

/** Making, listing and revoking rules. */
export function addRuleRoutes(app: Api, { application }: RouteDeps): void {
  const { commands, rules } = application

  app.get(
    '/rules',
    {
      schema: {
        operationId: 'listRules',
        summary: 'List the rules',
        description:
          'Weakest first: what is built in, what the folder of the client says, those of its project, those of the session. Without a session all that are stored.',
        tags,
        querystring: z.object({ session_id: textParameter('The rules that hold in this session.') }),
        response: { 200: RuleList, ...failuresWith404 },
      },
    },
    async (request) => ruleList(await rules.list(ownerOf(request), request.query.session_id)),
  )

  app.post(
    '/rules',
    {
      schema: {
        operationId: 'createRule',
        summary: 'Make a rule',
        description:
          'It holds from the next call on, in this session or in every session of its project. Calls that wait already still wait: `now_allowed` says which of them need not. The same rule twice is one.',
        tags,
        body: CreateRuleRequest,
        response: { 201: CreatedRule, 403: ErrorBody, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request, reply) => {
      const { session_id: sessionId, scope, tool, pattern, effect, client_id: by } = request.body
      const rule = { ...ownerOf(request), sessionId, scope, tool, pattern, effect, by: by ?? null }
      reply.code(201)
      return createdRule(await commands.createRule(rule), sessionId)
    },
  )

  app.delete(
    '/rules/:rule_id',
    {
      schema: {
        operationId: 'deleteRule',
        summary: 'Revoke a rule',
        description: 'It counts no more. Calls that it let pass stay as they are.',
        tags,
        params: RulePath,
        response: { 200: DeletedRule, ...failuresWith404 },
      },
    },
    async (request) => {
      const { rule_id: id } = request.params
      if (questions.has(id)) throw new HttpError(405, 'invalid_input', 'Method Not Allowed', { allow: 'POST' })
      await commands.deleteRule({ ...ownerOf(request), id })
      return { id, deleted: true as const }
    },
  )
}

/** Asking what rules say, before anything happens. */
export function addRuleQuestionRoutes(app: Api, { application }: RouteDeps): void {
  const { rules } = application

  app.post(
    '/rules/explain',
    {
      schema: {
        operationId: 'explainRule',
        summary: 'Which rule decides about a call',
        description:
          'Nothing is run or stored. Each part of a command is judged for itself, and the strictest decides.',
        tags,
        body: ExplainRuleRequest,
        response: { 200: ExplainedRule, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request) => {
      const { session_id: sessionId, tool, arguments: args, agent } = request.body
      const query = { ...ownerOf(request), sessionId: sessionId ?? undefined, tool, args, agent: agent ?? undefined }
      return explainedRule(await rules.explain(query))
    },
  )

  app.post(
    '/rules/try',
    {
      schema: {
        operationId: 'tryRule',
        summary: 'What a rule would have decided',
        description: 'Looks at the newest 1,000 calls, as if this rule alone had been added to what is built in.',
        tags,
        body: TryRuleRequest,
        response: { 200: TriedRule, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request) => {
      const { rule, session_id: sessionId } = request.body
      return triedRule(await rules.tryRule(ownerOf(request), rule, sessionId ?? undefined))
    },
  )

  app.get(
    '/sessions/:session_id/pending-approvals/:call_id/rules',
    {
      schema: {
        operationId: 'suggestRules',
        summary: 'Rules that would let an open approval pass',
        description:
          'Narrowest first, to be shown before one is made. Making one decides nothing about the call: approve it afterwards.',
        tags: ['sessions'],
        params: ApprovalPath,
        response: { 200: RuleSuggestions, 409: ErrorBody, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId, call_id: callId } = request.params
      const suggestions = await rules.suggestions({ ...ownerOf(request), sessionId }, callId)
      return { session_id: sessionId, call_id: callId, suggestions: [...suggestions], count: suggestions.length }
    },
  )
}
