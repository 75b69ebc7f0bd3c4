import { describe, expect, it } from 'vitest'
import type { ClientProfile } from '../../src/application/index.ts'
import type { ModelRequest } from '../../src/application/ports/language-model.ts'
import { RuntimeError } from '../../src/domain/errors.ts'
import { textOf } from '../../src/domain/message.ts'
import { toRequestBody } from '../../src/infrastructure/models/openai-compatible/request-body.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'
import { client, owner, summary, TestApplication } from './start-application.ts'
import { inputsInLine, until } from './waiting.ts'

const secret = 'aB3dE5fG7hJ9kL1mN3pQ5rS7'
const allTools = ['read_file', 'write_file', 'list_files', 'create_directory', 'execute_command', 'search_in_code']

function terminal(context: Record<string, unknown>, more: Partial<ClientProfile> = {}): ClientProfile {
  return client(['deltas', 'usage', 'parallel-tools'], {
    id: 'c1',
    tools: allTools,
    limits: { max_read_bytes: 10 },
    context,
    ...more,
  })
}

const workspace = {
  project: { id: 'f00', name: 'shop' },
  os: 'linux x64',
  shell: 'zsh',
  date: '2026-01-01',
  git: { branch: 'main', dirty: false },
  instructions: [{ path: 'AGENTS.md', sha256: 'a', text: `Use tabs. API_KEY=${secret}` }],
}

/** What goes out on the wire of OpenAI, without what closes it. */
const bytesOf = (request: ModelRequest) =>
  JSON.stringify(toRequestBody('m', request, true, { provider: 'scripted', family: 'm' })).slice(0, -']}'.length)

const answers = (app: TestApplication) => app.model.calls.filter(({ purpose }) => purpose === 'answer')
const lastUser = (app: TestApplication) => textOf(answers(app).at(-1)?.messages.at(-1)?.parts ?? [])

describe('what a model is told of the workspace', () => {
  it('is frozen at the first turn; what changes goes before the next message', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), says('one'), says('two'), says('three'), says('four'))
    await app.message('first', { client: terminal(workspace) })
    const [first] = answers(app)
    expect(first?.system).toContain('Use tabs.')
    expect(first?.system).toContain('- project: shop')
    expect(textOf(first?.messages[0]?.parts ?? [])).toBe('first')
    await app.message('second', {
      client: terminal({
        ...workspace,
        date: '2026-01-02',
        git: { branch: 'fix/tax', dirty: true },
        notes: ['/undo took back a.ts'],
      }),
    })
    expect(lastUser(app)).toBe(
      '<note from="client">\n- date is now 2026-01-02\n- git: the branch is now fix/tax\n- /undo took back a.ts\n</note>\n\nsecond',
    )
    await app.message('third', {
      client: terminal(
        {
          ...workspace,
          date: '2026-01-02',
          git: { branch: 'fix/tax' },
          instructions: [{ path: 'AGENTS.md', sha256: 'b', text: 'Use spaces.' }],
        },
        { name: 'phone', limits: { max_read_bytes: 20 } },
      ),
    })
    expect(lastUser(app)).toContain('AGENTS.md has changed. It now says:\nUse spaces.')
    expect(lastUser(app)).toContain('another client: phone')
    expect(lastUser(app)).toContain('the limit max_read_bytes is now 20')
    // Nothing new is told twice, and a client that tells nothing changes nothing.
    await app.message('fourth', { client: terminal({}, { name: 'phone', context: null }) })
    expect(lastUser(app)).toBe('fourth')
    expect(new Set(answers(app).map(({ system }) => system)).size).toBe(1)
    expect(await app.history()).toContain(
      'user: <note from="client">\n- date is now 2026-01-02\n- git: the branch is now fix/tax\n- /undo took back a.ts\n</note> | second',
    )
  })

  it('is the session’s own: the first client that tells anything counts, whoever sent the first message', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), says('one'), says('two'))
    await app.message('first')
    await app.message('second', { client: terminal(workspace) })
    expect(lastUser(app)).toBe('second')
    expect(answers(app).at(-1)?.system).toContain('Use tabs.')
  })

  it('takes a bounded number of bounded notes', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), says('one'))
    const notes = Array.from({ length: 20 }, (_, number) => `${number}${'x'.repeat(5_000)}`)
    await app.message('hi', { client: terminal({ notes }) })
    expect(lastUser(app).match(/^- /gm)).toHaveLength(8)
    expect(lastUser(app).length).toBeLessThan(8 * 1_030 + 100)
  })
})

describe('a request', () => {
  it.each(['coder', 'architect', 'debug', 'ask'])(
    'of %s begins with the bytes of the one before, over 20 turns',
    async (agent) => {
      await using app = await TestApplication.start()
      app.model.push(routes(agent))
      for (let turn = 0; turn < 20; turn++) {
        const now = {
          ...workspace,
          git: { branch: `b${turn >> 2}`, dirty: turn % 2 === 1 },
          notes: turn % 5 === 3 ? ['a fact'] : [],
        }
        const profile = terminal(now)
        app.model.push(
          calls(['read_file', { path: 'a' }, `r${turn}`], ['list_files', { path: '.' }, `l${turn}`]),
          calls(['no_such_tool', {}, `n${turn}`]),
        )
        app.model.push(
          turn % 3 === 0
            ? [{ type: 'text-delta', text: 'half' }, new RuntimeError('upstream_incomplete', 'cut')]
            : says('done'),
        )
        await app.message(`message ${turn}`, { client: profile })
        await app.send({ kind: 'tool_result', callId: `l${turn}`, result: `KEY=${secret}` }, { client: profile })
        const end = await app.send(
          { kind: 'tool_result', callId: `r${turn}`, result: 'y'.repeat(300) },
          { client: profile },
        )
        expect(summary(end).at(-1)).toBe(turn % 3 === 0 ? 'failed upstream_incomplete' : 'completed')
        if (turn % 4 === 1) {
          app.model.push(calls(['read_file', { path: 'b' }, `o${turn}`]))
          await app.message('interrupted', { client: profile })
        }
        if (turn % 4 === 2) {
          const asked = app.model.calls.length
          const { promise, resolve } = Promise.withResolvers<void>()
          app.model.push([promise, ...calls(['no_such_tool', {}, `s${turn}`])], says('steered'))
          const running = app.message('work', { client: profile })
          await until(() => app.model.calls.length > asked)
          const steered = submit(app, 'rather this', 'steer', terminal({ ...now, notes: ['while it worked'] }))
          await until(async () => (await app.store.unitOfWork.read(inputsInLine)).length === 1)
          resolve()
          await Promise.all([running, steered])
        }
        if (turn % 4 === 3) {
          const asked = app.model.calls.length
          app.model.push([{ type: 'text-delta', text: 'going to' }, new Promise(() => {})], says('stopped'))
          const running = app.message('work', { client: profile })
          await until(() => app.model.calls.length > asked)
          await submit(app, 'stop that', 'interrupt', profile)
          expect(summary(await running).at(-1)).toMatch(/^cancelled/)
        }
      }
      const bodies = answers(app).map(bytesOf)
      expect(bodies.length).toBeGreaterThan(60)
      for (const [at, body] of bodies.entries()) expect(body.startsWith(bodies[at - 1] ?? '')).toBe(true)
      expect(bodies.at(-1)).not.toContain(secret)
      for (const text of ['rather this', '- while it worked', 'stop that']) expect(bodies.at(-1)).toContain(text)
      const rows = await app.store.unitOfWork.read(async (tx) => {
        const session = await tx.sessions.find(owner, 's1')
        return await tx.modelCalls.list(session?.sid ?? '', 'answer', 200)
      })
      expect(new Set(rows.map(({ prefixHash }) => prefixHash)).size).toBe(1)
      expect(rows[0]?.prefixHash).toMatch(/^[0-9a-f]{16}$/)
    },
    60_000,
  )

  it('has another beginning when another agent has the session, and the rest is as it was', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), says('one'), says('two'))
    await app.message('first', { client: terminal(workspace) })
    await app.send({ kind: 'message', content: 'second', agent: 'coder' }, { client: terminal(workspace) })
    const [before, after] = answers(app)
    expect(after?.system).not.toBe(before?.system)
    expect(JSON.stringify(after?.messages).startsWith(JSON.stringify(before?.messages).slice(0, -1))).toBe(true)
  })
})

describe('a history longer than the model can read', () => {
  it('is sent with old results as references, and stays so', async () => {
    await using app = await TestApplication.start()
    app.model.contextTokens = 12_000
    app.model.push(routes('coder'))
    for (let turn = 0; turn < 12; turn++) {
      app.model.push(calls(['read_file', { path: `f${turn}` }, `r${turn}`]), says('read'))
      await app.message(`read f${turn}`)
      await app.send({ kind: 'tool_result', callId: `r${turn}`, result: `${turn} ${'z'.repeat(7_000)}` })
    }
    const { frames, cuts } = await logOf(app)
    expect(frames).toContain('history.cut')
    expect(cuts.length).toBeLessThan(6)
    expect(cuts[0]?.facts).toMatchObject({ droppedBefore: 0 })
    const last = answers(app).at(-1)
    expect(JSON.stringify(last?.messages)).toContain('is left out to save room')
    expect(JSON.stringify(last?.messages).length / 3.5).toBeLessThan(12_000 / 0.7)
    // What was stored is whole.
    expect((await app.history()).filter((line) => line.startsWith('tool: ') && line.length > 7_000)).toHaveLength(12)
  })

  it('loses old turns where that is not enough, at the beginning of a turn, with a word about it', async () => {
    await using app = await TestApplication.start()
    app.model.contextTokens = 12_000
    app.model.push(routes('ask'))
    for (let turn = 0; turn < 12; turn++) {
      app.model.push(says(`answer ${turn}`))
      await app.message(`${turn} ${'w'.repeat(6_000)}`)
    }
    const first = answers(app).at(-1)?.messages[0]
    expect(first?.role).toBe('user')
    expect(textOf(first?.parts ?? [])).toContain('what was said before is left out')
    const bodies = answers(app).map(bytesOf)
    const { cuts } = await logOf(app)
    const broken = bodies.filter((body, at) => !body.startsWith(bodies[at - 1] ?? ''))
    expect(cuts.length).toBeGreaterThan(0)
    expect(broken).toHaveLength(cuts.length)
  })

  it('is measured by what the provider counted last', async () => {
    await using app = await TestApplication.start()
    app.model.contextTokens = 5_000
    const counted = (inputTokens: number) => [
      { type: 'text-delta' as const, text: 'ok' },
      { type: 'usage' as const, usage: { inputTokens, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 } },
      { type: 'finish' as const, reason: 'stop' as const },
    ]
    app.model.push(routes('ask'), counted(2_000), counted(30_000), says('ok'))
    for (const [text, cuts] of [
      ['one', 0],
      ['two', 0],
      ['three', 1],
    ] as const) {
      await app.message(text)
      expect((await logOf(app)).cuts).toHaveLength(cuts)
    }
  })
})

describe('keys', () => {
  it('in results, instructions and messages are masked for the model, and stay as they are in the session', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']), says('ok'))
    await app.message(`use TOKEN=${secret}`, { client: terminal(workspace) })
    await app.send({ kind: 'tool_result', callId: 'c1', result: `SECRET=${secret}` }, { client: terminal(workspace) })
    expect(JSON.stringify(app.model.calls)).not.toContain(secret)
    const masks = JSON.stringify(answers(app).at(-1)).match(/\[masked value [0-9a-f]{8}\]/g)
    expect(masks).toHaveLength(3)
    expect(new Set(masks).size).toBe(1)
    expect((await app.history()).join()).toContain(`SECRET=${secret}`)
  })

  it('stay in a file that is edited for the shipped IDE, while the model sees a mask; requests begin alike over the lowered edits', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'))
    let content = `KEY=${secret}\nn = 0\n`
    for (let turn = 0; turn < 20; turn++) {
      const edits = [{ old_text: `n = ${turn}`, new_text: `n = ${turn + 1}` }]
      app.model.push(
        calls(['read_file', { path: 'a' }, `r${turn}`]),
        calls(['edit_file', { path: 'a', edits }, `e${turn}`]),
        says('done'),
      )
      await app.message('count on')
      await app.send({ kind: 'tool_result', callId: `r${turn}`, result: { success: true, content } })
      const read = await openCall(app)
      await app.send({ kind: 'tool_result', callId: read.callId, result: { success: true, content } })
      const write = await openCall(app)
      content = String(JSON.parse(write.argumentsJson).content)
      expect(content).toBe(`KEY=${secret}\nn = ${turn + 1}\n`)
      await app.send({ kind: 'tool_result', callId: write.callId, result: { success: true } })
    }
    const bodies = answers(app).map(bytesOf)
    expect(bodies).toHaveLength(60)
    for (const [at, body] of bodies.entries()) expect(body.startsWith(bodies[at - 1] ?? '')).toBe(true)
    expect(bodies.at(-1)).not.toContain(secret)
  })

  it('that a model does not know it cannot write: the call is refused, and the answer says why', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']))
    await app.message('look')
    app.model.push(
      [...calls(['write_file', { path: 'a', content: 'KEY=[masked value 0badc0de]' }, 'c2'])],
      says('cannot'),
    )
    await app.send({ kind: 'tool_result', callId: 'c1', result: `KEY=${secret}` })
    expect((await app.history()).at(-2)).toMatch(/^tool: Error: write_file was not run: '\[masked value 0badc0de\]'/)
  })
})

async function openCall(app: TestApplication) {
  const [open] = await app.application.sessions.toolCalls({ ownerId: owner, sessionId: 's1' }, 'open')
  if (!open) throw new Error('no call is open')
  return open.call
}

async function submit(app: TestApplication, content: string, onBusy: 'steer' | 'interrupt', profile: ClientProfile) {
  const body = { kind: 'message' as const, content }
  const input = { ownerId: owner, sessionId: 's1', client: profile, body, onBusy }
  const frames = app.application.commands.streamInput(input, new AbortController().signal)
  while (!(await frames.next()).done);
}

async function logOf(app: TestApplication) {
  const events = await app.store.unitOfWork.read(async (tx) => {
    const session = await tx.sessions.find(owner, 's1')
    return await tx.log.readAfter(session?.sid ?? '', 0, 1_000)
  })
  return { frames: events.map(({ type }) => type), cuts: events.filter(({ type }) => type === 'history.cut') }
}
