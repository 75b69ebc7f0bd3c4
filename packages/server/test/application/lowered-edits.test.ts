import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ClientProfile, InputBody } from '../../src/application/index.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'
import { client, events, owner, type StartOptions, summary, TestApplication } from './start-application.ts'

const ref = { ownerId: owner, sessionId: 's1' }
const edit = (old_text: string, new_text: string, path = 'src/a.ts') => ({ path, edits: [{ old_text, new_text }] })
const file = 'one\r\ntwo\r\nthree\r\n'
const edited = 'one\r\n2\r\nthree\r\n'

type ResultFields = Omit<Extract<InputBody, { kind: 'tool_result' }>, 'kind' | 'callId'>

/** The shipped IDE: it says nothing of itself, and answers what is open. */
async function asked(
  wanted: readonly (readonly [tool: string, args: unknown, callId?: string])[],
  options: StartOptions = {},
  agent = 'coder',
) {
  const app = await TestApplication.start(options)
  app.model.push(routes(agent), calls(...wanted))
  return { app, frames: await app.message('go') }
}

async function openCall(app: TestApplication) {
  const open = await app.application.sessions.toolCalls(ref, 'open')
  expect(open).toHaveLength(1)
  const call = open[0]?.call
  if (!call) throw new Error('nothing is open')
  return { ...call, args: JSON.parse(call.argumentsJson) as Record<string, unknown> }
}

/** Answers the call that was handed out. */
async function answer(app: TestApplication, result: ResultFields, options: { readonly client?: ClientProfile } = {}) {
  const [first] = await app.application.sessions.toolCalls(ref, 'open')
  const open = await app.store.unitOfWork.read((tx) => tx.calls.list(first?.call.sid ?? '', 'open'))
  const call = open.find(({ dispatchedAt }) => dispatchedAt !== null)
  if (!call) throw new Error('nothing was handed out')
  return await app.send({ kind: 'tool_result', callId: call.callId, ...result }, options)
}

const read = (content: string) => ({ result: { success: true, content, lines_read: 3 } })

/** What the model reads of the calls of its last answer. */
function results(app: TestApplication): string[] {
  const messages = app.model.calls.at(-1)?.messages ?? []
  return messages.flatMap(({ parts: [part] }) => (part?.type === 'tool-result' ? [`${part.callId}: ${part.text}`] : []))
}

describe('an edit for a client that has only read and write', () => {
  it('reads, asks a person for the whole file, and is one call with one result for the model', async () => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    expect(app.model.calls.at(-1)?.tools.map(({ name }) => name)).toEqual([
      ...['read_file', 'write_file', 'list_files', 'create_directory', 'execute_command', 'search_in_code'],
      'edit_file',
    ])
    expect(summary(started.frames).slice(1)).toEqual(['call read_file', 'awaiting_tool'])
    const reading = await openCall(app)
    expect(reading).toMatchObject({ tool: 'read_file', parentCallId: 'c1', args: { path: 'src/a.ts' } })
    expect(summary(await answer(app, read(file)))).toEqual(['call write_file?', 'awaiting_approval'])
    const writing = await openCall(app)
    expect(writing).toMatchObject({ parentCallId: 'c1', args: { path: 'src/a.ts', content: edited } })
    expect((await app.application.sessions.pendingApprovals(ref)).map(({ call }) => call.callId)).toEqual([
      writing.callId,
    ])
    expect(new Set(['c1', reading.callId, writing.callId]).size).toBe(3)
    app.model.push(says('done'))
    expect(summary(await answer(app, { result: { success: true, bytes_written: 18 } }))).toEqual(['completed'])
    expect(results(app)).toEqual(['c1: src/a.ts was edited.\nedits[0]: found exactly, now at line 2'])
    expect(await app.history()).toEqual([
      'user: go',
      'assistant: edit_file(c1)',
      'tool: src/a.ts was edited.\nedits[0]: found exactly, now at line 2',
      'assistant: done',
    ])
    const all = await app.application.sessions.toolCalls(ref, 'all')
    expect(all.map(({ call }) => `${call.tool} ${call.state}`)).toEqual([
      'edit_file answered',
      'read_file answered',
      'write_file answered',
    ])
  })

  it('is refused to the client under the id of the edit itself', async () => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    const early = app.send({ kind: 'tool_result', callId: 'c1', result: 'done' })
    await expect(early).rejects.toMatchObject({ code: 'unknown_call' })
  })

  it.each([
    ['an old text that is not there', read('something else'), /^c1: Error: src\/a\.ts: edits\[0\]/],
    ['a file that cannot be read', { error: 'ENOENT: src/a.ts' }, /^c1: Error: ENOENT: src\/a\.ts$/],
    ['a failure in the result', { result: { success: false, error: 'no such file' } }, /^c1: Error: no such file$/],
    ['a result without a text', { result: 'two' }, /^c1: Error: This client gave no text/],
    ['a file that is not text', read('two\u0000'), /^c1: Error: The file is not text/],
    ['nothing', {}, /^c1: Error: This client gave no text/],
    ['a large file', read(`two${'x'.repeat(512 * 1024)}`), /^c1: Error: The file is larger than 512 KiB/],
  ])('ends with %s, and nothing is written', async (_, result, text) => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    app.model.push(says('sorry'))
    expect(summary(await answer(app, result))).toEqual(['completed'])
    expect(results(app)).toEqual([expect.stringMatching(text)])
  })

  it('takes a file of exactly 512 KiB', async () => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    const frames = await answer(app, read(`two${'x'.repeat(512 * 1024 - 3)}`))
    expect(summary(frames)).toEqual(['call write_file?', 'awaiting_approval'])
  })

  it('tells the model why the write failed', async () => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    await answer(app, read(file))
    app.model.push(says('sorry'))
    // The IDE's words for a live rejection.
    await answer(app, { error: 'Операция отклонена: write_file' })
    expect(results(app)).toEqual(['c1: Error: Операция отклонена: write_file'])
  })

  it('two of one answer see what the other wrote, one after the other, whatever runs in parallel', async () => {
    await using app = await TestApplication.start()
    const ide = client(['parallel-tools'])
    app.model.push(
      routes('coder'),
      calls(
        ['edit_file', edit('two', '2'), 'c1'],
        ['list_files', { path: '.' }, 'c2'],
        ['edit_file', edit('2', 'II'), 'c3'],
      ),
    )
    const shown = [...summary(await app.message('go', { client: ide })).slice(1)]
    app.model.push(says('done'))
    for (const result of [read(file), {}, { result: 'list' }, read(edited), {}]) {
      shown.push(...summary(await answer(app, result, { client: ide })))
    }
    expect(shown).toEqual([
      ...[
        'call read_file',
        'awaiting_tool',
        'call write_file?',
        'awaiting_approval',
        'call list_files',
        'awaiting_tool',
      ],
      ...['call read_file', 'awaiting_tool', 'call write_file?', 'awaiting_approval', 'completed'],
    ])
    expect(results(app)).toEqual([
      expect.stringMatching(/^c1: src\/a\.ts was edited/),
      'c2: list',
      expect.stringMatching(/^c3: src\/a\.ts was edited/),
    ])
  })
})

describe('a person who decides on the write of an edit', () => {
  async function atTheWrite(options: StartOptions = {}) {
    const started = await asked(
      [
        ['edit_file', edit('two', '2'), 'c1'],
        ['list_files', { path: '.' }, 'c2'],
      ],
      options,
    )
    await answer(started.app, read(file))
    return started.app
  }

  it('rejects the edit with the reason, and the rest of the answer is not run', async () => {
    await using app = await atTheWrite()
    const frames = await answer(app, { error: 'User rejected: not now' })
    expect(summary(frames)).toEqual(['rejected'])
    expect(events(frames).find(({ type }) => type === 'run.ended')?.facts).toMatchObject({ tool: 'write_file' })
    app.model.push(says('ok'))
    await app.message('and now?')
    expect(results(app)).toEqual([
      'c1: Error: User rejected: not now',
      'c2: {"error":"No result was provided","reason":"not_executed"}',
    ])
  })

  it('rejects by a decision, and the model goes on', async () => {
    await using app = await atTheWrite()
    const [pending] = await app.application.sessions.pendingApprovals(ref)
    const callId = pending?.call.callId ?? ''
    const decided = await app.send({ kind: 'decision', callId, decision: 'reject', feedback: 'use b.ts' })
    expect(summary(decided)).toEqual(['call list_files', 'awaiting_tool'])
    app.model.push(says('ok'))
    await answer(app, { result: 'list' })
    expect(results(app)[0]).toBe('c1: {"status": "rejected", "tool_name": "edit_file", "feedback": "use b.ts"}')
  })

  it.each(['run', 'acknowledge'] as const)('approves: the write is carried out (%s)', async (approve) => {
    await using app = await atTheWrite({ hitl: { approve, strict: true } })
    const [pending] = await app.application.sessions.pendingApprovals(ref)
    const callId = pending?.call.callId ?? ''
    const decided = await app.send({ kind: 'decision', callId, decision: 'approve' })
    expect(summary(decided)).toEqual(['call write_file', 'awaiting_tool'])
    await answer(app, { result: { success: true } })
    app.model.push(says('ok'))
    await answer(app, { result: 'list' })
    expect(results(app)[0]).toMatch(/^c1: src\/a\.ts was edited/)
  })

  it('changes the content: the model is told that it does not know the file', async () => {
    await using app = await atTheWrite()
    const [pending] = await app.application.sessions.pendingApprovals(ref)
    const callId = pending?.call.callId ?? ''
    const modifiedArguments = { path: 'src/b.ts', content: 'mine' }
    await app.send({ kind: 'decision', callId, decision: 'edit', modifiedArguments })
    await answer(app, { result: { success: true } })
    app.model.push(says('ok'))
    await answer(app, { result: 'list' })
    expect(results(app)[0]).toBe(
      'c1: The user changed what your edit had made before it was written. It was written to src/b.ts. Read the file before you go on.',
    )
  })
})

describe('an edit between its steps', () => {
  it('goes on after a restart, before and after the read', async () => {
    const { app: first } = await asked([['edit_file', edit('two', '2'), 'c1']])
    await first.stop()
    const second = await TestApplication.start({ folder: first.folder })
    await answer(second, read(file))
    await second.stop()
    await using third = await TestApplication.start({ folder: first.folder })
    third.model.push(says('done'))
    expect(summary(await answer(third, {}))).toEqual(['completed'])
    expect(results(third)).toEqual([expect.stringMatching(/^c1: src\/a\.ts was edited/)])
    await rm(first.folder, { recursive: true, force: true })
  })

  it.each(['read', 'write'])('is closed with its open %s by a new message', async (step) => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    if (step === 'write') await answer(app, read(file))
    const { callId } = await openCall(app)
    app.model.push(says('ok'))
    await app.message('never mind')
    expect(results(app)).toEqual(['c1: {"error":"No result was provided","reason":"superseded"}'])
    expect(await app.application.sessions.toolCalls(ref, 'open')).toEqual([])
    const late = app.send({ kind: 'tool_result', callId, result: 'late' })
    await expect(late).rejects.toMatchObject({ code: 'call_superseded' })
  })

  it('is closed by a cancel, and the session is free', async () => {
    const started = await asked([['edit_file', edit('two', '2'), 'c1']])
    await using app = started.app
    await answer(app, read(file))
    expect(await app.application.commands.cancelTurn(ref)).toMatchObject({ cancelled: true })
    const all = await app.application.sessions.toolCalls(ref, 'all')
    expect(all.map(({ call }) => `${call.tool} ${call.state}`)).toEqual([
      'edit_file cancelled',
      'read_file answered',
      'write_file cancelled',
    ])
    expect(await app.history()).toEqual([
      'user: go',
      'assistant: edit_file(c1)',
      'tool: {"error":"No result was provided","reason":"cancelled"}',
    ])
    expect(await app.state()).toBe('idle')
  })
})

describe('what an edit may touch', () => {
  it('is asked about when the file may hold secrets, before it is read', async () => {
    const started = await asked([['edit_file', edit('A=1', 'A=2', '.env'), 'c1']])
    await using app = started.app
    expect(summary(started.frames).slice(1)).toEqual(['call read_file?', 'awaiting_approval'])
    expect(summary(await answer(app, read('A=1\n')))).toEqual(['call write_file?', 'awaiting_approval'])
  })

  it.each([
    ['coder', '.git/config'],
    ['architect', 'src/a.ts'],
    ['ask', 'README.md'],
  ])('%s may not edit %s', async (agent, path) => {
    const started = await asked([['edit_file', edit('a', 'b', path), 'c1']], {}, agent)
    await using app = started.app
    expect(await app.application.sessions.toolCalls(ref, 'open')).toEqual([])
    expect((await app.history()).at(-1)).toMatch(/protected|not allowed|cannot modify/)
  })

  it('is not lowered for a client that says what it runs', async () => {
    await using app = await TestApplication.start()
    const small = client([], { tools: ['read_file', 'write_file'] })
    app.model.push(routes('coder'), calls(['edit_file', edit('a', 'b'), 'c1']), says('ok'))
    await app.message('go', { client: small })
    expect(app.model.calls.at(-1)?.tools.map(({ name }) => name)).not.toContain('edit_file')
    expect(results(app)).toEqual(["c1: Error: Tool 'edit_file' is not available in this client"])
  })
})
