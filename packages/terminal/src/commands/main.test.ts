import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeIo, fakeIo } from '../../test/fake-terminal.ts'
import {
  answer,
  call,
  delta,
  done,
  errorFrame,
  message,
  type ScriptedServer,
  startScriptedServer,
  switched,
  usage,
} from '../../test/scripted-server.ts'
import { main } from '../main.ts'

let server: ScriptedServer
let folder: string
let stateFolder: string

beforeEach(async () => {
  server = await startScriptedServer()
  folder = await mkdtemp(join(tmpdir(), 'codelab-work-'))
  stateFolder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
  await writeFile(join(folder, 'a.txt'), 'one\n')
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
  await rm(stateFolder, { recursive: true, force: true })
})

function io(options: { stdin?: string; isTTY?: boolean; env?: Record<string, string> } = {}): FakeIo {
  const { env = {}, ...rest } = options
  return fakeIo({ cwd: folder, env: { CODELAB_STATE_DIR: stateFolder, CODELAB_URL: server.url, ...env }, ...rest })
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('codelab run', () => {
  it('puts the answer alone on stdout and the transcript on stderr', async () => {
    server.script(
      [
        switched('orchestrator', 'coder', 'a question'),
        delta('I look.'),
        call('r1', 'read_file', { path: 'a.txt' }),
        done,
      ],
      [answer('It says **one**.'), usage(10, 2), done],
    )
    const world = io()
    expect(await main(['run', 'what', 'is', 'in', 'a.txt?'], world)).toBe(0)
    expect(world.stdout.text).toBe('It says **one**.\n')
    expect(world.stderr.text).toContain('orchestrator → coder')
    expect(world.stderr.text).toContain('I look.')
    expect(world.stderr.text).toContain('✓ read_file a.txt')
    expect(world.stderr.text).not.toContain('It says')
    expect(world.stderr.text).not.toContain('\u001b')
    expect(server.streams[0]?.message).toMatchObject({ type: 'user_message', content: 'what is in a.txt?' })
  })

  it('writes one JSON object a line with --json, numbered, the end last', async () => {
    server.script(
      [delta('I w'), delta('rite.'), call('w1', 'write_file', { path: 'b.txt', content: 'x\n' }, true), done],
      [call('w1', 'write_file', { path: 'b.txt', content: 'x\n' }), done],
      [answer('Written.'), usage(100, 5), done],
    )
    const world = io()
    expect(
      await main(['run', '--json', '--deltas', '--agent', 'coder', '--allow', 'write_file(*.txt)', 'write'], world),
    ).toBe(0)
    const written = lines(world.stdout.text)
    expect(written.map(({ seq }) => seq)).toEqual(written.map((_, index) => index + 1))
    expect(written.map(({ type }) => type)).toEqual([
      'session',
      'turn.started',
      'text.delta',
      'text.delta',
      'message',
      'tool.call',
      'tool.result',
      'message',
      'turn.finished',
    ])
    expect(written[0]).toMatchObject({ agent: 'coder', model: 'scripted' })
    expect(written[5]).toMatchObject({ call_id: 'w1', decision: 'allow', decided_by: '--allow write_file(*.txt)' })
    expect(written[6]).toMatchObject({ call_id: 'w1', ok: true, diff: { added: 1, removed: 0 } })
    expect(written[8]).toMatchObject({ outcome: 'completed', tokens: { in: 100, out: 5, cached: 0 }, cost_usd: null })
    expect(world.stderr.text).toBe('')
    expect(await readFile(join(folder, 'b.txt'), 'utf8')).toBe('x\n')
  })

  it('refuses what needs a person when nobody is here, exit 3, and says how to allow it', async () => {
    server.script([call('x1', 'execute_command', { command: 'npm i pg' }, true), done])
    const world = io()
    expect(await main(['run', '--json', 'install'], world)).toBe(3)
    expect(lines(world.stdout.text).at(-1)).toMatchObject({
      type: 'error',
      code: 'approval_required',
      hint: "--allow 'execute_command(npm i *)'",
    })
    expect(server.streams).toHaveLength(1)
  })

  it('lets --deny win over --allow and over what needs no approval', async () => {
    server.script([call('r1', 'read_file', { path: 'a.txt' }), done])
    expect(await main(['run', '--allow', 'read_file', '--deny', 'read_file(a.*)', 'look'], io())).toBe(3)
    expect(server.streams).toHaveLength(1)
  })

  it('reads the request from stdin', async () => {
    server.script([answer('ok'), done], [answer('ok'), done])
    expect(await main(['run', '-'], io({ stdin: 'from a pipe\n' }))).toBe(0)
    expect(await main(['run'], io({ stdin: 'from a pipe too\n' }))).toBe(0)
    expect(server.streams.map((body) => body.message['content'])).toEqual(['from a pipe', 'from a pipe too'])
  })

  it('strips what would draw from the answer', async () => {
    server.script([answer('a\u001b[2Jb'), done])
    const world = io()
    await main(['run', 'x'], world)
    expect(world.stdout.text).toBe('ab\n')
  })

  it.each([
    ['a failed turn', ['run', 'x'], 1],
    ['nothing to do', ['run'], 2],
    ['an unknown option', ['run', 'x', '--bogus'], 2],
    ['a rule that cannot be read', ['run', 'x', '--allow', '(('], 2],
    ['no such folder', ['run', 'x', '--cwd', 'nowhere'], 2],
    ['an unknown session', ['run', 'x', '--session', 'abc'], 2],
    ['no session in this folder', ['run', 'x', '-c'], 2],
    ['no server', ['run', 'x', '--server', 'http://127.0.0.1:1'], 69],
    ['a missing key file', ['run', 'x', '--key-file', 'nowhere'], 78],
    ['help', ['run', '--help'], 0],
  ])('exits as documented: %s', async (_name, argv, code) => {
    server.script([
      message({
        type: 'error',
        error: 'The model is away',
        content: '',
        code: 'upstream_unavailable',
        retryable: true,
      }),
      done,
    ])
    const world = io()
    expect(await main(argv, world)).toBe(code)
    if (code > 0) expect(world.stderr.text).not.toBe('')
  })

  it('exits with 77 when the key is refused', async () => {
    const world = io({ env: { CODELAB_INTERNAL_API_KEY: 'wrong' } })
    expect(await main(['run', 'x'], world)).toBe(77)
    expect(world.stderr.text).toContain('the key was refused')
  })

  it('creates nothing in the folder', async () => {
    server.script([answer('ok'), done])
    await main(['run', 'x'], io())
    expect(await readdir(folder)).toEqual(['a.txt'])
  })
})

describe('codelab chat, piped', () => {
  it('takes each line for a message and refuses approvals with exit 3', async () => {
    server.script(
      [answer('First.'), done],
      [call('w1', 'write_file', { path: 'b.txt', content: 'x' }, true), done],
      [answer('Not written.'), done],
    )
    const world = io({ stdin: 'one\n\ntwo\n' })
    expect(await main(['chat'], world)).toBe(3)
    expect(server.streams.map((body) => body.message['type'])).toEqual([
      'user_message',
      'user_message',
      'hitl_decision',
    ])
    expect(server.streams[2]?.message).toMatchObject({ decision: 'reject' })
    expect(world.stdout.text).toContain('write_file needs a person, and nobody is here')
    expect(world.stdout.text).not.toContain('\u001b')
    expect(new Set(server.streams.map((body) => body.session_id)).size).toBe(1)
  })

  it('goes on with the last session of the folder', async () => {
    server.script([answer('First.'), done], [answer('Second.'), done])
    await main(['chat'], io({ stdin: 'one\n' }))
    server.session = {
      state: 'idle',
      agent: 'coder',
      messages: [{ role: 'user', content: 'one' }],
      calls: [],
      approvals: [],
      title: 'one',
    }
    expect(await main(['-c'], io({ stdin: 'two\n' }))).toBe(0)
    expect(server.streams[1]?.session_id).toBe(server.streams[0]?.session_id)
    expect(server.streams[1]?.client).toMatchObject({ context: { project: { name: basename(folder) } } })
  })

  it('fails as the turn failed', async () => {
    server.script([errorFrame('internal', 'Internal error'), done])
    expect(await main([], io({ stdin: 'one\n' }))).toBe(1)
  })
})

describe('codelab chat, on a terminal', () => {
  it('chats, asks, shows commands, and gives the terminal back', async () => {
    server.script(
      [call('w1', 'write_file', { path: 'b.txt', content: 'x\n' }, true), done],
      [call('w1', 'write_file', { path: 'b.txt', content: 'x\n' }), done],
      [answer('Written.'), done],
    )
    const world = io({ isTTY: true, env: { TERM: 'xterm' } })
    const chat = main([], world)
    await expect.poll(() => world.stdout.text).toContain('five agents')
    world.stdin.type('write b\r')
    await expect.poll(() => world.stdout.text).toContain('eject with reason')
    await new Promise((resolve) => setTimeout(resolve, 600))
    world.stdin.type('a')
    await expect.poll(() => world.stdout.text).toContain('Written.')
    await expect.poll(() => world.stdout.text).toContain('turn ')
    world.stdin.type('/bogus\r')
    await expect.poll(() => world.stdout.text).toContain('unknown command /bogus')
    world.stdin.type('/quit\r')
    expect(await chat).toBe(0)
    expect(world.stdout.text).toContain('codelab resume ')
    expect(world.stdin.rawModes).toEqual([true, false])
    expect(await readFile(join(folder, 'b.txt'), 'utf8')).toBe('x\n')
  })

  it('leaves with 130 on the second Ctrl-C', async () => {
    const world = io({ isTTY: true, env: { TERM: 'xterm' } })
    const chat = main([], world)
    await expect.poll(() => world.stdout.text).toContain('five agents')
    world.stdin.type('\u0003\u0003')
    expect(await chat).toBe(130)
    expect(world.stdin.rawModes).toEqual([true, false])
  })
})

describe('codelab sessions', () => {
  const item = (id: string, title: string, state = 'idle') => ({
    id,
    session_id: id,
    title,
    description: null,
    message_count: 2,
    last_activity: new Date().toISOString(),
    created_at: new Date().toISOString(),
    updated_at: new Date().toISOString(),
    is_active: true,
    current_agent: 'coder',
    state,
  })

  beforeEach(() => {
    server.listed = [
      item('11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'First\u001b[2J'),
      item('11112222-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Second', 'awaiting_approval'),
    ]
    server.session = { state: 'idle', agent: 'coder', messages: [], calls: [], approvals: [], title: 'New' }
  })

  it('lists them, those of other folders with --all', async () => {
    const world = io()
    expect(await main(['sessions'], world)).toBe(0)
    expect(world.stdout.text).toContain('2 sessions in other folders')
    const all = io()
    await main(['sessions', '--all'], all)
    expect(all.stdout.text).toMatch(/✓ First +coder .* 11111111\n‖ Second +coder +waits 0:0\d +11112222/)
    expect(all.stdout.text).not.toContain('\u001b')
    const json = io()
    await main(['sessions', '--all', '--json'], json)
    expect(lines(json.stdout.text)[1]).toMatchObject({ title: 'Second', state: 'awaiting_approval', folder: null })
  })

  it('takes the start of an id where only one session has it', async () => {
    const renamed = io()
    expect(await main(['sessions', 'rename', '11112', 'Another', 'title'], renamed)).toBe(0)
    expect(server.requests.at(-1)).toBe('PATCH /sessions/11112222-aaaa-4aaa-8aaa-aaaaaaaaaaaa')
    const ambiguous = io()
    expect(await main(['sessions', 'delete', '1111'], ambiguous)).toBe(2)
    expect(ambiguous.stderr.text).toContain('2 sessions begin with 1111')
  })
})
