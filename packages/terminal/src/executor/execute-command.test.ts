import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createExecutor } from './create-executor.ts'
import type { Executor, RunOptions, ToolOutcome } from './executor.ts'

describe('execute_command', () => {
  let top: string
  let root: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'command-')))
    root = join(top, 'project')
    await mkdir(root)
    executor = await createExecutor({
      root,
      stateFolder: join(top, 'state'),
      limits: { killGraceMs: 300, abortGraceMs: 200 },
    })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  function execute(values: Record<string, unknown>, options?: RunOptions): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_1', tool: 'execute_command', arguments: values }, options)
  }

  async function facts(values: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>> {
    const outcome = await execute(values)
    return outcome.ok ? outcome.result : { error: outcome.error }
  }

  it('tells what came of a command', async () => {
    expect(await execute({ command: "printf '%s|' 'a b' c" })).toEqual({
      ok: true,
      result: { success: true, exit_code: 0, stdout: 'a b|c|', stderr: '', duration_ms: expect.any(Number) },
      text: expect.stringMatching(/^exit code 0, \d\.\d s\na b\|c\|$/),
      summary: 'exit 0, 1 line',
    })
    expect(await execute({ command: 'echo out; echo no >&2; exit 3' })).toMatchObject({
      ok: true,
      result: { success: false, exit_code: 3, stdout: 'out\n', stderr: 'no\n' },
      text: expect.stringMatching(/^exit code 3, \d\.\d s\nout\nno$/),
      summary: 'exit 3, 2 lines',
    })
    expect(await facts({ command: 'kill -9 $$' })).toMatchObject({ success: false, exit_code: 137 })
  })

  it('uses a shell where the line needs one, or when told', async () => {
    await writeFile(join(root, 'a.txt'), '')
    expect(await facts({ command: 'ls *.txt | cat' })).toMatchObject({ stdout: 'a.txt\n' })
    expect(await facts({ command: 'echo "a.txt" -n', shell: true })).toMatchObject({ stdout: 'a.txt -n\n' })
  })

  it('runs in the folder, or in one below', async () => {
    await mkdir(join(root, 'src/deep'), { recursive: true })
    await symlink('src', join(root, 'sources'))
    await symlink(top, join(root, 'out'))
    await writeFile(join(root, 'file'), '')
    expect(await facts({ command: 'pwd' })).toMatchObject({ stdout: `${root}\n` })
    expect(await facts({ command: 'pwd -P; echo $PWD', cwd: 'sources/deep' })).toMatchObject({
      stdout: `${root}/src/deep\n${root}/src/deep\n`,
    })
    for (const cwd of ['out', '..', '/tmp']) {
      expect(await execute({ command: 'pwd', cwd }), cwd).toMatchObject({ ok: false, summary: 'not allowed' })
    }
    expect(await facts({ command: 'pwd', cwd: 'nowhere' })).toEqual({
      error: 'The folder "nowhere" (cwd) does not exist.',
    })
    expect(await facts({ command: 'pwd', cwd: 'file' })).toEqual({ error: '"file" (cwd) is a file.' })
  })

  it('says when a command could not be started', async () => {
    await writeFile(join(root, 'script'), '')
    await chmod(join(root, 'script'), 0o644)
    expect(await execute({ command: 'no-such-program --x' })).toEqual({
      ok: false,
      error: 'Command not found: no-such-program',
      summary: 'command not found',
    })
    expect(await facts({ command: './script' })).toEqual({ error: '"./script" is not executable.' })
    expect(await facts({ command: '' })).toEqual({ error: '"command" is empty.' })
    expect(await facts({ command: 'echo "a' })).toEqual({ error: '"command" has a " that is never closed.' })
    expect(await facts({ command: 'x'.repeat(100_001) })).toEqual({ error: expect.stringContaining('Write a script') })
    expect(await facts({ command: 'pwd', timeout: 0 })).toEqual({ error: expect.stringContaining('at least 1') })
  })

  it('has nothing to read from, no terminal, and the environment of the user without ours', async () => {
    vi.stubEnv('CODELAB_KEY', 'secret')
    vi.stubEnv('AGENT_RUNTIME__INTERNAL_API_KEY', 'secret')
    vi.stubEnv('MY_API_KEY', 'mine')
    try {
      expect(await facts({ command: 'cat; (: </dev/tty) 2>/dev/null || echo no terminal' })).toMatchObject({
        stdout: 'no terminal\n',
      })
      const { stdout } = await facts({ command: 'env' })
      expect(stdout).toContain('MY_API_KEY=mine')
      expect(stdout).not.toContain('secret')
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('ends a group at the time-out, though a grandchild holds the pipe and does not listen', async () => {
    const command = `sh -c "trap '' TERM; echo child; sleep 60" & echo started; wait`
    const outcome = await execute({ command, timeout: 1 })
    expect(outcome).toMatchObject({
      ok: true,
      result: { success: false, timed_out: true, stdout: expect.stringContaining('started') },
      summary: expect.stringMatching(/^stopped after 1 s, \d lines?$/),
    })
    expect(outcome.ok && Number(outcome.result['duration_ms'])).toBeLessThan(10_000)
  })

  it('ends a group at the time-out, though a process that left the group holds the pipe', async () => {
    const command = "setsid sh -c 'echo $$ > pid; sleep 60' & sleep 60"
    expect(await execute({ command, timeout: 1 })).toMatchObject({ ok: true, result: { timed_out: true } })
    const pid = Number(await readFile(join(root, 'pid'), 'utf8'))
    expect(process.kill(pid, 0)).toBe(true)
    process.kill(-pid, 'SIGKILL')
  })

  it('ends a group when it is interrupted', async () => {
    const stop = new AbortController()
    const running = execute(
      { command: "trap '' TERM; sleep 60 & echo $! > pid; echo ready; wait; sleep 60" },
      { signal: stop.signal, onOutput: () => stop.abort() },
    )
    expect(await running).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^Interrupted after [\d.]+ s\. /),
      summary: 'interrupted, 1 line',
      result: { success: false, stdout: 'ready\n' },
    })
    expect(await isRunning(Number(await readFile(join(root, 'pid'), 'utf8')))).toBe(false)
  })

  it('ends what a command left in the background', async () => {
    expect(await facts({ command: 'sleep 60 & echo $! > pid; echo started' })).toMatchObject({
      success: true,
      exit_code: 0,
      stdout: 'started\n',
      note: expect.stringContaining('were ended. To keep one running'),
    })
    expect(await isRunning(Number(await readFile(join(root, 'pid'), 'utf8')))).toBe(false)
    expect(await facts({ command: '(sleep 0.1; echo late) & echo early' })).not.toHaveProperty('note')
    expect(await facts({ command: '(sleep 0.1; echo late) & echo early' })).toMatchObject({ stdout: 'early\nlate\n' })
  })

  it('keeps head and tail of much output, in bounded memory', async () => {
    let shown = 0
    const before = process.memoryUsage().rss
    let most = 0
    const outcome = await execute(
      { command: 'echo first; yes | head -c 50000000; echo last' },
      {
        onOutput: (text) => {
          shown += text.length
          most = Math.max(most, process.memoryUsage().rss)
        },
      },
    )
    const stdout = outcome.ok ? String(outcome.result['stdout']) : ''
    expect(outcome).toMatchObject({ ok: true, result: { exit_code: 0, truncated: true } })
    expect(stdout.startsWith('first\ny\n')).toBe(true)
    expect(stdout.endsWith('y\nlast\n')).toBe(true)
    expect(stdout).toContain('\n[… 49,970,011 characters left out …]\n')
    expect(stdout.length).toBeLessThan(30_100)
    expect(shown).toBe(50_000_011)
    const { text = '', artifact = '' } = outcome.ok ? outcome : {}
    expect(text).toMatch(/^exit code 0, [\d.]+ s\nfirst\ny\n/)
    expect(text.endsWith('y\nlast')).toBe(true)
    expect(text.length).toBeLessThan(30_300)
    expect(Buffer.byteLength(artifact)).toBeGreaterThan(8_000_000)
    expect(Buffer.byteLength(artifact)).toBeLessThanOrEqual(8 * 1024 * 1024)
    // What is kept for read_artifact is 8 MiB of it.
    expect(most - before).toBeLessThan(80 * 1024 * 1024)
  })

  it('cuts by lines, and names the call that shows the rest', async () => {
    const outcome = await execute({ command: 'seq 1 10000' })
    const { text = '', artifact = '' } = outcome.ok ? outcome : {}
    const note = /\n\[… ([\d,]+) characters left out, in lines (\d+)-(\d+) of 10000\. To read them: (.*) …\]\n/.exec(
      text,
    )
    const [whole = '', , first, last, call] = note ?? []
    const [head = '', tail = ''] = text.split(whole)
    expect(head.split('\n').at(-1)).toBe(String(Number(first) - 1))
    expect(tail.split('\n')[0]).toBe(String(Number(last) + 1))
    expect(call).toBe(`read_artifact {"call_id":"call_1","start_line":${first}}`)
    expect(artifact).toBe(Array.from({ length: 10_000 }, (_, index) => `${index + 1}\n`).join(''))
    expect(head.length / (head.length + tail.length)).toBeCloseTo(0.2, 1)
  })

  it('says at the time-out how to give it more', async () => {
    const outcome = await execute({ command: 'echo on; sleep 60', timeout: 1 })
    const text = (outcome.ok && outcome.text) || ''
    expect(text).toMatch(/^exit code \d+, ended at its time limit of 1 s\non\n/)
    expect(text).toContain('execute_command {"command":"echo on; sleep 60","timeout":600}')
    expect(text).toContain('{"command":"echo on; sleep 60","background":true}')
    const none = await execute({ command: 'true', timeout: 5000 })
    expect(none.ok && none.text).toMatch(/s, no output\n\[The time limit was 600 s, which is the most\.\]$/)
  })

  it('tells what was printed before an interrupt', async () => {
    const stop = new AbortController()
    const running = execute({ command: 'echo half; sleep 60' }, { signal: stop.signal, onOutput: () => stop.abort() })
    expect(await running).toMatchObject({ ok: false, error: expect.stringMatching(/Its output until then:\nhalf\n$/) })
  })

  it('streams output as it comes, without what controls the terminal', async () => {
    const pieces: string[] = []
    const command = "printf '\\033[31mred\\033[0m\\033[2J 1%%\\r2%%\\n'; sleep 0.2; echo err >&2"
    const outcome = await execute({ command }, { onOutput: (text) => pieces.push(text) })
    expect(outcome).toMatchObject({ result: { stdout: 'red 1%\r2%\n', stderr: 'err\n' } })
    expect(pieces.join('')).toBe('\x1b[31mred\x1b[0m 1%\r2%\nerr\n')
    expect(pieces.length).toBeGreaterThan(1)
  })

  it('is shown beforehand with what will really be done', async () => {
    const preview = (values: Record<string, unknown>) =>
      executor.preview({ callId: 'c', tool: 'execute_command', arguments: values })
    expect(await preview({ command: 'npm test' })).toEqual({
      kind: 'command',
      command: 'npm test',
      cwd: '.',
      timeoutSeconds: 60,
      shell: false,
    })
    expect(await preview({ command: 'a | b', timeout: 900 })).toMatchObject({ timeoutSeconds: 600, shell: true })
    expect(await preview({ command: 'a', cwd: '..' })).toMatchObject({ kind: 'refused' })
    expect(await readdir(root)).toEqual([])
  })
})

describe('a command in the background', () => {
  let top: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'background-')))
    await mkdir(join(top, 'project'))
    const limits = { abortGraceMs: 200, backgroundCommands: 2 }
    executor = await createExecutor({ root: join(top, 'project'), stateFolder: join(top, 'state'), limits })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  const run = (tool: string, values: Record<string, unknown>) =>
    executor.run({ callId: 'call_1', tool, arguments: values })
  const textOf = async (tool: string, values: Record<string, unknown>) => {
    const outcome = await run(tool, values)
    return outcome.ok ? (outcome.text ?? '') : outcome.error
  }

  it('is started, looked at, waited for and ended', async () => {
    const command = 'echo ready; while [ ! -e go ]; do sleep 0.05; done; echo went; sleep 60'
    const started = await textOf('execute_command', { command, background: true })
    expect(started).toMatch(/^bg1 is running, \d\.\d s\nready\n/)
    expect(started).toContain('command_output {"id":"bg1"}')
    expect(started).toContain('command_output {"id":"bg1","stop":true}')
    expect(await textOf('command_output', { id: 'bg1' })).toMatch(/^bg1 is running, \d\.\d s, no output\n/)
    await writeFile(join(top, 'project/go'), '')
    expect(await textOf('command_output', { id: 'bg1', wait: 1 })).toContain('\nwent\n')
    expect(await textOf('command_output', { id: 'bg1', stop: true })).toMatch(/^bg1 has ended, exit code 143, /)
    expect(await textOf('command_output', { id: 'bg1' })).toMatch(/^bg1 has ended, exit code 143, /)
  })

  it('that fails at once says so', async () => {
    expect(await textOf('execute_command', { command: 'echo no; exit 3', background: true })).toMatch(
      /^bg1 has ended, exit code 3, \d\.\d s\nno$/,
    )
    expect(await textOf('execute_command', { command: 'no-such-program', background: true })).toContain('not found')
  })

  it('ends with what it started, and there are only so many', async () => {
    await run('execute_command', { command: 'sh -c "sleep 60 & echo \\$! > pid; wait"', background: true })
    await run('execute_command', { command: 'sleep 60', background: true })
    const third = { command: 'sleep 60', background: true }
    expect(await textOf('execute_command', third)).toContain('which is the most')
    expect(await textOf('command_output', { id: 'bg7' })).toContain('There are bg1, bg2.')
    await run('command_output', { id: 'bg1', stop: true })
    expect(await isRunning(Number(await readFile(join(top, 'project/pid'), 'utf8')))).toBe(false)
    expect(await textOf('execute_command', third)).toContain('bg3 is running')
    for (const id of ['bg2', 'bg3']) await run('command_output', { id, stop: true })
  })
})

describe('the end of our own process', () => {
  let top: string

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'ending-')))
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  /** Runs a command in an executor of another process, which then does `ending`. Gives the id of the command's grandchild. */
  async function runAndEnd(ending: string): Promise<number> {
    const source = `
      const { createExecutor } = await import(${JSON.stringify(new URL('create-executor.ts', import.meta.url).href)})
      const executor = await createExecutor({ root: '.', stateFolder: '../state' })
      const call = { callId: 'call_1', tool: 'execute_command', arguments: { command: 'sleep 60 & echo $!; wait' } }
      executor.run(call, { onOutput: (text) => { process.stdout.write(text); setTimeout(() => { ${ending} }, 50) } })`
    await mkdir(join(top, 'project'), { recursive: true })
    const stdout = await new Promise<string>((resolve) => {
      const args = ['--conditions=codelab-source', '--input-type=module', '--eval', source]
      execFile(process.execPath, args, { cwd: join(top, 'project') }, (_error, text) => resolve(text))
    })
    return Number(stdout)
  }

  it.each([
    'process.exit(0)',
    "process.kill(process.pid, 'SIGTERM')",
    "process.kill(process.pid, 'SIGINT')",
    "throw new Error('x')",
  ])('ends the commands too: %s', async (ending) => {
    const pid = await runAndEnd(ending)
    expect(pid).toBeGreaterThan(1)
    expect(await isRunning(pid)).toBe(false)
  })

  it('leaves a note of a command that nobody saw the end of', async () => {
    const pid = await runAndEnd("process.kill(process.pid, 'SIGKILL')")
    process.kill(pid, 'SIGKILL')
    const next = await createExecutor({ root: join(top, 'project'), stateFolder: join(top, 'state') })
    expect(next.wasStarted('call_1')).toBe(true)
    expect(next.wasStarted('call_2')).toBe(false)
  })
})

/** A zombie that nobody has collected yet does not run. */
async function isRunning(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      process.kill(pid, 0)
      if (/\) [ZX] /.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))) return false
    } catch {
      return false
    }
    await sleep(50)
  }
  return true
}
