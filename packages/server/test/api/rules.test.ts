import {
  CreatedRule,
  DeletedRule,
  ExplainedRule,
  PendingApprovals,
  RuleList,
  RuleSuggestions,
  TriedRule,
} from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { asks, Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

const tools = ['read_file', 'write_file', 'list_files', 'execute_command', 'search_in_code']
const project = { id: 'hash-of-the-folder', name: 'orders-api' }
const client = { id: 'terminal', name: 'terminal', tools, context: { project } }

function expectShape<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const read = schema.parse(body)
  expect(read).toEqual(body)
  return read as z.infer<T>
}

/** The frame of the call that the model makes, in a session of its own with coder. */
async function call(session: string, tool: string, args: object, about: object = client) {
  if (!sessions.has(session)) await stage.coderSession(session)
  sessions.add(session)
  stage.model.script(asks(`c-${session}`, tool, args))
  return (await send(session, { content: 'do it' }, about)).find((chunk) => chunk['type'] === 'tool_call')
}

const sessions = new Set<string>()

async function send(session: string, message: object, about: object): Promise<Record<string, unknown>[]> {
  const frames = await stage.send(session, message, Object.keys(about).length > 0 ? { client: about } : {})
  return frames.map((frame) => frame.data as Record<string, unknown>)
}

const run = (session: string, command: string, about?: object) => call(session, 'execute_command', { command }, about)
const create = async (rule: object) => await stage.call('POST', '/rules', rule)

describe('calls of a client that says who it is', () => {
  test('a query of git runs without a question, and names its rule', async () => {
    expect(await run('r1', 'git status --short')).toMatchObject({
      requires_approval: false,
      rule: { source: 'built-in', id: null, text: 'allow execute_command "git status *"' },
    })
  })

  test('any other command asks, with a reason and a hash', async () => {
    expect(await run('r2', 'npm test')).toMatchObject({
      requires_approval: true,
      reason: 'Commands need a person',
      rule: { source: 'default' },
      call_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('a client that says nothing keeps the policy and the frame of the contract', async () => {
    const frame = await run('r3', 'git status', {})
    expect(frame).toMatchObject({ requires_approval: true })
    expect(Object.keys(frame ?? {}).sort()).toEqual(
      ['arguments', 'call_id', 'is_final', 'requires_approval', 'tool_name', 'type'].sort(),
    )
  })
})

describe('always', () => {
  test('suggests, makes, uses, lists and revokes a rule of the session', async () => {
    await run('a1', 'npm test -- orders')
    const { body } = await stage.call('GET', '/sessions/a1/pending-approvals/c-a1/rules')
    const { suggestions } = expectShape(RuleSuggestions, body)
    expect(suggestions.map(({ scope, text }) => `${scope} ${text}`)).toEqual([
      'session npm test *',
      'session any command',
      'project npm test *',
    ])
    const { scope, tool, pattern, effect } = suggestions[0] ?? {}
    const made = await create({ scope, tool, pattern, effect, session_id: 'a1', client_id: 'terminal' })
    expect(made.status).toBe(201)
    const { rule, now_allowed: nowAllowed } = expectShape(CreatedRule, made.body)
    expect(nowAllowed).toEqual(['c-a1'])
    expect((await create({ scope, tool, pattern, effect, session_id: 'a1' })).body.rule.id).toBe(rule.id)

    stage.model.script(asks('c-a1b', 'execute_command', { command: 'npm test' }))
    const frames = await send('a1', { content: 'again' }, client)
    expect(frames.find((frame) => frame['type'] === 'tool_call')).toMatchObject({
      requires_approval: false,
      rule: { source: 'session', id: rule.id },
    })
    const listed = expectShape(RuleList, (await stage.call('GET', '/rules?session_id=a1')).body)
    expect(listed.rules.at(-1)).toEqual(rule)
    expectShape(DeletedRule, (await stage.call('DELETE', `/rules/${rule.id}`)).body)
    expect((await stage.call('DELETE', `/rules/${rule.id}`)).status).toBe(404)
    expect((await run('a1', 'npm test'))?.['requires_approval']).toBe(true)
  })

  test('a rule of the project holds in its other sessions, and in no other project', async () => {
    await run('p1', 'make lint')
    const made = await create({
      scope: 'project',
      tool: 'execute_command',
      pattern: 'make lint *',
      effect: 'allow',
      session_id: 'p1',
    })
    expect(made.body.rule).toMatchObject({ source: 'project', project, session_id: null })
    expect(await run('p2', 'make lint')).toMatchObject({ requires_approval: false, rule: { source: 'project' } })
    const elsewhere = { ...client, context: { project: { id: 'other', name: 'other' } } }
    expect(await run('p3', 'make lint', elsewhere)).toMatchObject({ requires_approval: true })
  })

  test('there is an end to how many, and the same one twice is one', async () => {
    await run('m1', 'ls')
    const rule = (index: number) => ({
      scope: 'session',
      tool: 'x',
      pattern: `p${index}`,
      effect: 'ask',
      session_id: 'm1',
    })
    for (let index = 0; index < 200; index++) expect((await create(rule(index))).status).toBe(201)
    expect((await create(rule(199))).status).toBe(201)
    expect(await create(rule(200))).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  test('without a project there is no rule for one', async () => {
    await run('p4', 'make lint', { ...client, context: null })
    const { status, body } = await create({
      scope: 'project',
      tool: '*',
      pattern: '*',
      effect: 'allow',
      session_id: 'p4',
    })
    expect(status).toBe(404)
    expect(body.error).toContain('no project')
  })

  test('a command that rules cannot judge has no suggestion, and no rule allows it', async () => {
    await run('h1', 'npm test $(cat x)')
    expect((await stage.call('GET', '/sessions/h1/pending-approvals/c-h1/rules')).body.count).toBe(0)
    await create({ scope: 'session', tool: '*', pattern: '*', effect: 'allow', session_id: 'h1' })
    expect(await run('h1', 'npm test $(cat x)')).toMatchObject({
      requires_approval: true,
      rule: { source: 'protection' },
    })
  })
})

describe('a rule that denies', () => {
  test('is told to the model, which goes on', async () => {
    await run('d1', 'ls')
    await create({ scope: 'session', tool: 'execute_command', pattern: 'rm *', effect: 'deny', session_id: 'd1' })
    stage.model.script(asks('c-d1b', 'execute_command', { command: 'rm -rf dist' }))
    const frames = await send('d1', { content: 'clean' }, client)
    expect(frames.find((frame) => frame['type'] === 'tool_call')).toBeUndefined()
    const told = stage.model.calls.at(-1)?.messages.at(-1)
    expect(JSON.stringify(told)).toContain('A rule denies it (deny execute_command')
  })

  test('denies edited arguments too, and the approval still waits', async () => {
    await run('d2', 'npm test')
    await create({ scope: 'session', tool: 'execute_command', pattern: 'rm *', effect: 'deny', session_id: 'd2' })
    const edit = { type: 'hitl_decision', call_id: 'c-d2', decision: 'edit', modified_arguments: { command: 'rm x' } }
    const [refused] = await send('d2', edit, client)
    expect(refused).toMatchObject({ code: 'tool_not_allowed' })
    expect((await stage.call('GET', '/sessions/d2/pending-approvals')).body.count).toBe(1)
  })
})

test('a decision about another call than the one shown is refused', async () => {
  const frame = await run('b1', 'npm test')
  const decision = { type: 'hitl_decision', call_id: 'c-b1', decision: 'approve' }
  const [refused] = await send('b1', { ...decision, call_hash: 'f'.repeat(64) }, client)
  expect(refused).toMatchObject({ code: 'invalid_decision' })
  const frames = await send('b1', { ...decision, call_hash: frame?.['call_hash'] }, client)
  expect(frames[0]).toMatchObject({ type: 'tool_call', requires_approval: false })
})

test('the audit names the rule that asked, and what was decided about', async () => {
  const log = (await stage.call('GET', '/events/audit-log?session_id=b1')).body.audit_log
  expect(log).toContainEqual(
    expect.objectContaining({
      event_type: 'tool_approval_required',
      rule: expect.objectContaining({ source: 'default' }),
    }),
  )
  expect(log).toContainEqual(
    expect.objectContaining({ event_type: 'hitl_decision_made', call_hash: expect.stringMatching(/^[0-9a-f]{64}$/) }),
  )
})

describe('rules of the folder', () => {
  const folder = (rules: readonly object[]) => ({ ...client, context: { project, rules } })

  test('count as the client sends them with each turn', async () => {
    const allowed = folder([{ tool: 'execute_command', pattern: 'npm run lint *', effect: 'allow' }])
    expect(await run('f1', 'npm run lint', allowed)).toMatchObject({
      requires_approval: false,
      rule: { source: 'folder' },
    })
    expect(await run('f1', 'npm run lint')).toMatchObject({ requires_approval: true })
  })

  test('allow nothing that is protected', async () => {
    const everything = folder([{ tool: '*', pattern: '*', effect: 'allow' }])
    expect(await call('f2', 'read_file', { path: '.env' }, everything)).toMatchObject({ requires_approval: true })
    expect(await run('f3', 'cat .env', everything)).toMatchObject({ requires_approval: true })
    expect(await call('f4', 'write_file', { path: '.git/config', content: 'x' }, everything)).toBeUndefined()
  })

  test('are refused when one of them is wrong', async () => {
    const [refused] = await send('f5', { content: 'hi' }, folder([{ tool: 'x', pattern: '', effect: 'deny' }]))
    expect(refused).toMatchObject({ code: 'invalid_input' })
  })
})

describe('asking about rules', () => {
  test('explains each part of a command', async () => {
    const { body } = await stage.call('POST', '/rules/explain', {
      tool: 'execute_command',
      arguments: { command: 'git status && npm test' },
    })
    const { effect, parts } = expectShape(ExplainedRule, body)
    expect(effect).toBe('ask')
    expect(parts.map((part) => [part.text, part.effect])).toEqual([
      ['git status', 'allow'],
      ['npm test', 'ask'],
    ])
  })

  test('says that an agent may not', async () => {
    const { body } = await stage.call('POST', '/rules/explain', {
      tool: 'write_file',
      arguments: { path: 'a.ts', content: '' },
      agent: 'architect',
    })
    expect(body).toMatchObject({ effect: 'deny', rule: { text: 'the agent architect' } })
  })

  test('an unknown tool or agent is 404', async () => {
    const tool = await stage.call('POST', '/rules/explain', { tool: 'nothing', arguments: {} })
    expect(tool).toMatchObject({ status: 404, body: { error: "There is no tool 'nothing'" } })
    const call = { tool: 'list_files', arguments: {}, agent: 'nobody' }
    const agent = await stage.call('POST', '/rules/explain', call)
    expect(agent).toMatchObject({ status: 404, body: { error: "There is no agent 'nobody'" } })
  })

  test('takes no other method than its own', async () => {
    const { status, headers } = await stage.call('DELETE', '/rules/explain')
    expect([status, headers['allow']]).toEqual([405, 'POST'])
    expect((await stage.call('PUT', '/rules/try', {})).headers['allow']).toBe('POST')
  })

  test('tries a rule on past calls', async () => {
    await run('t1', 'cargo build --release')
    const rule = { tool: 'execute_command', pattern: 'cargo build *', effect: 'allow' }
    const { body } = await stage.call('POST', '/rules/try', { rule })
    expect(expectShape(TriedRule, body)).toMatchObject({
      matched: 1,
      allowed: 1,
      calls: [{ session_id: 't1', subject: 'cargo build --release', effect: 'allow', asked: true }],
    })
    expect((await stage.call('POST', '/rules/try', { rule, session_id: 'r1' })).body.matched).toBe(0)
  })
})

describe('a handoff that widens rights', () => {
  const asking = { ...client, tools: [...tools, 'switch_mode'] }

  async function handsOver(session: string, about: object) {
    await stage.call('POST', '/sessions', { session_id: session })
    await stage.call('POST', `/agents/${session}/switch`, { target_agent: 'ask', reason: 'test' })
    stage.model.script(asks(`c-${session}`, 'switch_mode', { mode: 'coder', reason: 'It is to be changed' }))
    return await send(session, { content: 'change it' }, about)
  }
  const decide = (session: string, decision: string) =>
    send(session, { type: 'hitl_decision', call_id: `c-${session}`, decision }, asking)
  const agentOf = async (session: string) => (await stage.call('GET', `/sessions/${session}`)).body.current_agent

  test('is a person’s to decide', async () => {
    const [frame] = await handsOver('h-yes', asking)
    expect(frame).toMatchObject({
      type: 'tool_call',
      tool_name: 'switch_mode',
      requires_approval: true,
      reason: 'Coder Agent may change or run more than Ask Agent',
    })
    expect(await agentOf('h-yes')).toBe('ask')
    const result = { type: 'tool_result', call_id: 'c-h-yes', result: 'done' }
    expect((await send('h-yes', result, asking))[0]).toMatchObject({ code: 'forbidden' })
    const frames = await decide('h-yes', 'approve')
    expect(frames.map((chunk) => chunk['type'])).toEqual(['agent_switched', 'assistant_message', undefined])
    expect(await agentOf('h-yes')).toBe('coder')
  })

  test('does not happen when they say no, and the first agent is told', async () => {
    await handsOver('h-no', asking)
    const frames = await decide('h-no', 'reject')
    expect(frames.map((chunk) => chunk['type'])).toContain('assistant_message')
    expect(await agentOf('h-no')).toBe('ask')
    expect(JSON.stringify(stage.model.calls.at(-1)?.messages.at(-1))).toContain('reject')
  })

  test('happens at once for a client that cannot show it', async () => {
    const frames = await handsOver('h-old', client)
    expect(frames[0]).toMatchObject({ type: 'agent_switched' })
    expect(await agentOf('h-old')).toBe('coder')
  })

  test('with a plan is the plan’s approval, whoever hands over; the other agent carries out what the person made of it', async () => {
    const plan = '# Delete command\n\n1. Add it\n2. Test it'
    const begin = async (session: string) => {
      await stage.call('POST', '/sessions', { session_id: session })
      await stage.call('POST', `/agents/${session}/switch`, { target_agent: 'architect', reason: 'test' })
      const args = { mode: 'coder', reason: 'The plan stands', plan }
      stage.model.script(asks(`c-${session}`, 'switch_mode', args))
      const [frame] = await send(session, { content: 'plan it' }, asking)
      expect(frame).toMatchObject({ requires_approval: true, reason: 'All complex plans require approval' })
      const { body } = await stage.call('GET', `/sessions/${session}/pending-approvals`)
      return PendingApprovals.parse(body).pending_approvals[0]
    }
    expect(await begin('h-plan')).toMatchObject({
      request_type: 'plan',
      subject: 'Delete command',
      tool_name: 'switch_mode',
      details: { arguments: { plan } },
    })
    await decide('h-plan', 'approve')
    expect(await agentOf('h-plan')).toBe('coder')
    await begin('h-edit')
    const changed = { mode: 'coder', reason: 'The plan stands', plan: '# Delete command\n\n1. Only this' }
    const edit = { type: 'hitl_decision', call_id: 'c-h-edit', decision: 'edit', modified_arguments: changed }
    await send('h-edit', edit, asking)
    expect(await agentOf('h-edit')).toBe('coder')
    expect(JSON.stringify(stage.model.calls.at(-1)?.messages.at(-1))).toContain('1. Only this')
  })

  test('runs alone: what the model asked for beside it is not run', async () => {
    await stage.call('POST', '/sessions', { session_id: 'h-two' })
    await stage.call('POST', '/agents/h-two/switch', { target_agent: 'ask', reason: 'test' })
    const [reading] = asks('c-read', 'read_file', { path: 'a.ts' })
    stage.model.script([...(reading ? [reading] : []), ...asks('c-h-two', 'switch_mode', { mode: 'coder' })])
    const frames = await send('h-two', { content: 'change it' }, asking)
    expect(frames.filter((chunk) => chunk['type'] === 'tool_call')).toHaveLength(1)
    await decide('h-two', 'approve')
    const { messages } = stage.model.calls.at(-1) ?? {}
    expect(JSON.stringify(messages)).toContain('not_executed')
  })
})
