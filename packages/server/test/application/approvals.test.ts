import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ClientProfile } from '../../src/application/index.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'
import { client, events, owner, summary, TestApplication } from './start-application.ts'

const ref = { ownerId: owner, sessionId: 's1' }

async function waitingForApproval(
  app: TestApplication,
  options: { readonly client?: ClientProfile } = {},
): Promise<void> {
  app.model.push(routes('coder'), calls(['write_file', { path: 'a.ts', content: 'x' }, 'c1']))
  expect(summary(await app.message('write', options))).toEqual([
    'switched orchestrator>coder',
    'call write_file?',
    'awaiting_approval',
  ])
}

describe('an approval', () => {
  it('is listed while it waits and survives a restart', async () => {
    const first = await TestApplication.start()
    await waitingForApproval(first)
    await first.stop()
    await using app = await TestApplication.start({ folder: first.folder })
    const [pending] = await app.application.sessions.pendingApprovals(ref)
    expect(pending?.call).toMatchObject({
      callId: 'c1',
      approval: { reason: 'File modification requires user approval', status: 'pending' },
    })
    app.model.push(says('written'))
    expect(summary(await app.send({ kind: 'decision', callId: 'c1', decision: 'approve' }))).toEqual([
      'call write_file',
      'awaiting_tool',
    ])
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'ok' }))).toEqual(['completed'])
    await rm(first.folder, { recursive: true, force: true })
  })

  it('that is given is carried out by the client, and decided once', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app)
    await app.send({ kind: 'decision', callId: 'c1', decision: 'approve' })
    expect(await app.application.sessions.pendingApprovals(ref)).toEqual([])
    await expect(app.send({ kind: 'decision', callId: 'c1', decision: 'reject' })).rejects.toMatchObject({
      code: 'approval_not_pending',
      message: 'No pending HITL state found for call_id=c1',
    })
  })

  it('of edited arguments runs those, and the model is told', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app)
    const modifiedArguments = { path: './b.ts', content: 'y' }
    const frames = await app.send({ kind: 'decision', callId: 'c1', decision: 'edit', modifiedArguments })
    const dispatched = events(frames).find((event) => event.type === 'tool_call.dispatched')
    expect(dispatched?.call?.editedJson).toBe('{"path":"b.ts","content":"y"}')
    app.model.push(says('fine'))
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'ok' })
    const [, , tool] = await app.history()
    expect(tool).toContain('The user changed the arguments before this ran. What ran: {"path": "b.ts", "content": "y"}')
  })

  it.each([
    ['a wrong type', { path: 'a.ts', content: 7 }, 'tool_arguments_invalid'],
    ['a path outside', { path: '../a.ts', content: '' }, 'path_not_allowed'],
    ['a protected path', { path: '.git/config', content: '' }, 'path_not_allowed'],
  ])('edited to %s is refused and still waits', async (_, modifiedArguments, code) => {
    await using app = await TestApplication.start()
    await waitingForApproval(app)
    const decision = app.send({ kind: 'decision', callId: 'c1', decision: 'edit', modifiedArguments })
    await expect(decision).rejects.toMatchObject({ code })
    expect(await app.application.sessions.pendingApprovals(ref)).toHaveLength(1)
    expect(await app.state()).toBe('awaiting_approval')
  })

  it('that is refused is told to the model, with the reason', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app)
    app.model.push(says('understood'))
    const body = { kind: 'decision', callId: 'c1', decision: 'reject', feedback: 'not there' } as const
    expect(summary(await app.send(body))).toEqual(['completed'])
    expect((await app.history())[2]).toBe(
      'tool: {"status": "rejected", "tool_name": "write_file", "feedback": "not there"}',
    )
  })

  it('is given by a tool result, and audited as implicit', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app)
    app.model.push(says('done'))
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'ok' })
    const [decided] = await app.application.events.audit({ ownerId: owner, types: ['approval.decided'], limit: 10 })
    expect(decided?.event.facts).toMatchObject({ decision: 'approve', implicit: true })
  })

  it('is not given by a tool result where a decision is asked for', async () => {
    await using app = await TestApplication.start({ hitl: { approve: 'run', strict: true } })
    await waitingForApproval(app)
    await expect(app.send({ kind: 'tool_result', callId: 'c1', result: 'ok' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await app.application.sessions.pendingApprovals(ref)).toHaveLength(1)
  })

  it('refused by the words of the shipped IDE ends the turn without the model', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app)
    const asked = app.model.calls.length
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', error: 'User rejected: no' }))).toEqual([
      'rejected',
    ])
    expect(app.model.calls).toHaveLength(asked)
    expect((await app.history())[2]).toBe('tool: Error: User rejected: no')
    expect(await app.state()).toBe('idle')
  })

  it('that another client refuses gives that client no call: the next one waits for the executor', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app, { client: client([], { id: 'terminal' }) })
    app.model.push(calls(['read_file', { path: 'a.ts' }, 'c2']))
    const refused = { kind: 'decision', callId: 'c1', decision: 'reject' } as const
    expect(summary(await app.send(refused, { client: client([], { id: 'phone' }) }))).toEqual(['awaiting_tool'])
    const hand = (clientId: string, onlyNew = true) =>
      app.application.commands.handOutCalls({ ...ref, clientId, onlyNew })
    expect(await hand('phone')).toEqual([])
    expect(await hand('terminal')).toMatchObject([{ call: { callId: 'c2' }, surelyNew: true }])
    expect(await hand('terminal')).toEqual([])
    app.model.push(says('read'))
    const result = { kind: 'tool_result', callId: 'c2', result: 'text' } as const
    expect(summary(await app.send(result, { client: client([], { id: 'terminal' }) }))).toEqual(['completed'])
  })

  it('decided by another client is not run by that one', async () => {
    await using app = await TestApplication.start()
    await waitingForApproval(app, { client: client([], { id: 'terminal' }) })
    const decision = { kind: 'decision', callId: 'c1', decision: 'approve' } as const
    expect(summary(await app.send(decision, { client: client([], { id: 'phone' }) }))).toEqual(['awaiting_tool'])
    const [open] = await app.application.sessions.toolCalls(ref, 'open')
    expect(open?.call).toMatchObject({ callId: 'c1', state: 'open' })
  })

  it('is asked for a file that may hold secrets, even to read it', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: '.env' }, 'c1']))
    expect(summary(await app.message('read'))).toContain('call read_file?')
  })

  it('acknowledged as the reference does: told to the model, and a later result replaces that', async () => {
    await using app = await TestApplication.start({ hitl: { approve: 'acknowledge', strict: false } })
    await waitingForApproval(app)
    app.model.push(says('one'), says('two'))
    expect(summary(await app.send({ kind: 'decision', callId: 'c1', decision: 'approve' }))).toEqual(['completed'])
    expect((await app.history())[2]).toContain('"status": "approved"')
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'real' }))).toEqual(['completed'])
    expect(await app.history()).toEqual([
      'user: write',
      'assistant: write_file(c1)',
      'tool: real',
      'assistant: one',
      'assistant: two',
    ])
    await expect(app.send({ kind: 'tool_result', callId: 'c1', result: 'x' })).rejects.toMatchObject({
      code: 'call_answered',
    })
  })
})
