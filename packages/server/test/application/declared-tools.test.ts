import { describe, expect, it } from 'vitest'
import type { ClientProfile } from '../../src/application/index.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'
import { client, owner, summary, TestApplication } from './start-application.ts'

const declared = client([], { id: 't', tools: tools.map((tool) => tool.name) })
const ref = { ownerId: owner, sessionId: 's1' }

function lastResult(app: TestApplication): string {
  const part = app.model.calls.at(-1)?.messages.at(-1)?.parts[0]
  return part?.type === 'tool-result' ? part.text : ''
}

async function coder(
  asks: ClientProfile | null,
  ...wanted: readonly (readonly [tool: string, args: unknown, callId?: string])[]
) {
  const app = await TestApplication.start()
  app.model.push(routes('coder'), calls(...wanted))
  return { app, frames: await app.message('go', asks ? { client: asks } : {}) }
}

describe('read_artifact', () => {
  it('gives the whole of a result that the client cut, and the client is not asked', async () => {
    await using app = await TestApplication.start()
    app.model.push(
      routes('coder'),
      calls(['execute_command', { command: 'make' }, 'c1']),
      calls(['read_artifact', { call_id: 'c1', start_line: 2, end_line: 3 }, 'c2']),
      says('done'),
    )
    await app.message('build', { client: declared })
    const artifact = 'one\r\ntwo\nthree\nfour'
    const result = { kind: 'tool_result', callId: 'c1', result: 'one … four', artifact } as const
    expect(summary(await app.send(result, { client: declared }))).toEqual(['completed'])
    expect(lastResult(app)).toMatch(
      /^Result of execute_command \(c1\), lines 2-3 of 4:\n2\ttwo\n3\tthree\n\[1 more lines/,
    )
    expect(await app.history()).toEqual([
      'user: build',
      'assistant: execute_command(c1)',
      'tool: one … four',
      'assistant: read_artifact(c2)',
      expect.stringContaining('2\ttwo'),
      'assistant: done',
    ])
  })

  it('reads on where the runtime cut, by the call that the cut names', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['execute_command', { command: 'make' }, 'c1']), says('cut'))
    await app.message('build', { client: declared })
    const whole = Array.from({ length: 30_000 }, (_, index) => `line ${index + 1}`).join('\n')
    await app.send({ kind: 'tool_result', callId: 'c1', result: whole }, { client: declared })
    const next = /To read them: read_artifact (\{.*?\})/.exec(lastResult(app))?.[1] ?? ''
    const { start_line: line } = JSON.parse(next) as { start_line: number }
    expect(lastResult(app)).toContain(`line ${line - 1}\n`)
    expect(lastResult(app)).not.toContain(`line ${line + 1}\n`)
    app.model.push(calls(['read_artifact', next, 'c2']), says('done'))
    await app.message('go on', { client: declared })
    expect(lastResult(app)).toContain(`${line}\tline ${line}\n${line + 1}\tline ${line + 1}\n`)
  })

  it('also reads results that were never cut, beside calls of the client', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']), says('ok'))
    await app.message('read', { client: declared })
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'short' }, { client: declared })
    app.model.push(
      calls(['read_artifact', { call_id: 'c1' }, 'c2'], ['read_file', { path: 'b' }, 'c3'], ['nothing', {}, 'c4']),
      says('done'),
    )
    expect(summary(await app.message('again', { client: declared }))).toEqual(['call read_file', 'awaiting_tool'])
    expect((await app.application.sessions.toolCalls(ref, 'open')).map(({ call }) => call.callId)).toEqual(['c3'])
    await app.send({ kind: 'tool_result', callId: 'c3', result: 'B' }, { client: declared })
    const results = app.model.calls
      .at(-1)
      ?.messages.slice(-3)
      .map(({ parts: [part] }) => part)
    expect(results).toMatchObject([
      { callId: 'c2', text: 'Result of read_file (c1), lines 1-1 of 1:\n1\tshort' },
      { callId: 'c3', text: 'B' },
      { callId: 'c4', text: expect.stringContaining('not allowed') },
    ])
  })

  it.each([
    [{ call_id: 'nobody' }, "Error: There is no call 'nobody' in this conversation."],
    [{ call_id: 'c1' }, "Error: The call 'c1' has no result yet."],
    [{ call_id: 'c1', start_line: 0 }, 'Error: The arguments of read_artifact are wrong.'],
  ])('says what is wrong with %j', async (args, text) => {
    const started = await coder(declared, ['read_artifact', args, 'c1'])
    await using app = started.app
    expect(started.frames.length).toBeGreaterThan(0)
    expect(await app.history()).toContainEqual(expect.stringContaining(text))
  })

  it('does not reach into another session', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']), says('ok'))
    await app.message('read', { client: declared, session: 'other' })
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'secret' }, { client: declared, session: 'other' })
    app.model.push(routes('coder'), calls(['read_artifact', { call_id: 'c1' }, 'c2']), says('done'))
    await app.message('read', { client: declared })
    expect(lastResult(app)).toBe("Error: There is no call 'c1' in this conversation.")
  })
})

describe('a client that does not say which tools it runs', () => {
  it.each([
    ['delete_file', { path: 'a' }],
    ['move_file', { source_path: 'a', destination_path: 'b' }],
    ['read_artifact', { call_id: 'c' }],
  ] as const)('is shown the refusal of %s that it knows', async (tool, args) => {
    const started = await coder(null, [tool, args, 'c1'])
    await using app = started.app
    expect(summary(started.frames).at(-1)).toBe('failed tool_not_allowed')
    expect((await app.history()).at(-1)).toBe(`tool: Error: Tool '${tool}' is not allowed for Coder agent`)
    expect(app.model.calls.at(-1)?.tools.map(({ name }) => name)).not.toContain(tool)
  })
})

describe('what changes files', () => {
  it.each([
    ['edit_file', { path: 'src/.git/config', edits: [{ old_text: 'a', new_text: 'b' }] }],
    ['delete_file', { path: '.ssh/id_rsa' }],
    ['move_file', { source_path: '.git/HEAD', destination_path: 'a' }],
    ['move_file', { source_path: 'a', destination_path: 'x/../.git/hooks/pre-commit' }],
  ] as const)('is refused under protected folders: %s %j', async (tool, args) => {
    const started = await coder(declared, [tool, args, 'c1'])
    await using app = started.app
    expect(await app.history()).toContainEqual(expect.stringMatching(/is protected: nothing may be written there/))
    expect(await app.application.sessions.toolCalls(ref, 'open')).toEqual([])
  })

  it.each([
    ['edit_file', { path: 'a.md', edits: [{ old_text: 'a', new_text: 'b' }] }],
    ['delete_file', { path: 'a', recursive: true }],
    ['move_file', { source_path: 'a', destination_path: 'sub/../.env' }],
  ] as const)('asks a person: %s', async (tool, args) => {
    const started = await coder(declared, [tool, args, 'c1'])
    await using app = started.app
    const [pending] = await app.application.sessions.pendingApprovals(ref)
    expect(pending?.call).toMatchObject({ callId: 'c1', tool })
    if (tool === 'move_file') {
      expect(pending?.call.approval?.reason).toBe('The file may hold secrets')
      expect(JSON.parse(pending?.call.argumentsJson ?? '')).toEqual({ source_path: 'a', destination_path: '.env' })
    }
  })

  it('is bound to the files of the agent, edited arguments too', async () => {
    await using app = await TestApplication.start()
    const edits = [{ old_text: 'a', new_text: 'b' }]
    app.model.push(
      routes('architect'),
      calls(['edit_file', { path: 'src/a.ts', edits }, 'c1'], ['edit_file', { path: 'docs/a.md', edits }, 'c2']),
    )
    await app.message('go', { client: declared })
    const [pending] = await app.application.sessions.pendingApprovals(ref)
    expect(pending?.call.callId).toBe('c2')
    expect(await app.history()).toContainEqual(expect.stringContaining("File 'src/a.ts' is not allowed"))
    const modifiedArguments = { path: 'src/a.ts', edits }
    const edited = app.send(
      { kind: 'decision', callId: 'c2', decision: 'edit', modifiedArguments },
      { client: declared },
    )
    await expect(edited).rejects.toMatchObject({ code: 'path_not_allowed' })
  })
})

describe('a question to the person', () => {
  it('goes to a client that shows it as one, with its answers to choose from, and comes back as the result', async () => {
    const question = { question: 'Which file?', suggestions: ['a.ts', 'b.ts'] }
    const started = await coder(declared, ['ask_followup_question', question, 'c1'])
    await using app = started.app
    expect(summary(started.frames).slice(-2)).toEqual(['call ask_followup_question', 'awaiting_tool'])
    const [open] = await app.application.sessions.toolCalls(ref, 'open')
    expect(JSON.parse(open?.call.argumentsJson ?? '')).toEqual(question)
    app.model.push(says('b it is'))
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'b.ts' }, { client: declared })
    expect(lastResult(app)).toBe('b.ts')
  })

  it('is the answer of the turn where no tool shows it', async () => {
    const small = client([], { tools: ['read_file'] })
    const started = await coder(small, ['ask_followup_question', { question: 'Which?', suggestions: ['a', 'b'] }, 'c1'])
    await using app = started.app
    expect(summary(started.frames).at(-1)).toBe('completed')
    expect((await app.history()).at(-1)).toBe('assistant: Which?\n- a\n- b')
  })
})

describe('a client that says what it can', () => {
  it('has commands in the background described to the model, another one does not', async () => {
    for (const asks of [declared, client([], { id: 't', tools: ['execute_command'] }), null]) {
      const { app } = await coder(asks, ['execute_command', { command: 'make' }, 'c1'])
      const offered = app.model.calls.at(-1)?.tools ?? []
      const command = offered.find(({ name }) => name === 'execute_command')
      const properties = Object.keys((command?.parameters['properties'] as object) ?? {})
      expect(properties.includes('background')).toBe(asks === declared)
      expect(offered.some(({ name }) => name === 'command_output')).toBe(asks === declared)
      await app[Symbol.asyncDispose]()
    }
  })

  it('may tell the problems that a change brought', async () => {
    const edits = [{ old_text: 'a', new_text: 'b' }]
    const { app } = await coder(declared, ['edit_file', { path: 'a.ts', edits }, 'c1'])
    app.model.push(says('done'))
    const result = { success: true, diagnostics: [{ path: 'a.ts', line: 1, message: 'no such name' }] }
    await app.send({ kind: 'tool_result', callId: 'c1', result }, { client: declared })
    expect(lastResult(app)).toMatch(
      /^The change was made; there is now 1 problem:\na\.ts:1 no such name\n\n\{"success": true/,
    )
    await app[Symbol.asyncDispose]()
  })
})
