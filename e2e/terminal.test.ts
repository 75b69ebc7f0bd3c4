import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lane, needs } from '../test/lanes.ts'
import { canDecide, say, turnEnd } from './chat.ts'
import { expectGolden } from './golden-screen.ts'
import { Person } from './person.ts'
import { endProcess, groupEndsWithin } from './processes.ts'

const route = `import { Router } from 'express';
import { requireKey } from '../middleware/auth.js';
import { createOrder } from '../services/orders.js';

export const orders = Router();

orders.post('/orders', requireKey, async (req, res) => {
  const order = await createOrder(req.body, req.apiKey);
  res.json(order);
});
`
const project = {
  'README.md': '# Orders\n\nTakes orders and sends them on.\n',
  'a.txt': 'one\ntwo\nthree\n',
  'b.txt': 'one\n2\nthree\n',
  'src/routes/orders.ts': route,
}

lane(
  'tmux',
  () => needs('tmux'),
  () => {
    test.concurrent('starts its own server, answers, and writes a new file once it is approved', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      expectGolden('start', await terminal.see(/ ready$/))

      await say(terminal, 'What is in this project?')
      const overview = await terminal.seeAfter('What is in this project?', turnEnd)
      expect(overview).toMatch(/^ {2}orchestrator → ask {2}asks what is in the project +high, \S+ m?s$/m)
      expect(overview).toMatch(/^✓ list_files \. +4 items +\S+ m?s$/m)
      expect(overview).toContain('Takes orders and sends them on.')
      for (const name of ['README.md', 'a.txt', 'b.txt', 'src/']) expect(overview).toContain(`- ${name}`)

      await say(terminal, 'Создай новый файл')
      const handOver = await terminal.seeAfter('Создай новый файл', canDecide)
      expect(handOver).toMatch(/^── ‖ hand over to coder ─+ waits 0:\d\d ─$/m)
      expect(handOver).toMatch(/^ {2}ask asks because Coder Agent may change or run more than Ask Agent$/m)
      await terminal.press('a')
      await terminal.see(/^ {2}ask → coder /m)
      const asked = await terminal.seeAfter('Создай новый файл', /write notes\.md .* waits 0:(?!00)\d\d/)
      expect(asked).toMatch(/^── ‖ write notes\.md \(new\) {2}\+1 ─+ waits 0:\d\d ─$/m)
      expect(asked).toMatch(/^ {4}1 \+ # Создано в CodeLab: notes$/m)
      expect(person.files()).toEqual(project)

      await terminal.press('a')
      const done = await terminal.seeAfter('Создай новый файл', turnEnd)
      expect(done).toMatch(/^✓ write_file notes\.md +\+1 +\S+ m?s$/m)
      expect(done).toMatch(/^ {2}changed {2}notes\.md {2}\+1 {5}\/diff {3}\/undo$/m)
      expect(person.files()).toEqual({ ...project, 'notes.md': '# Создано в CodeLab: notes\n' })
    })

    test.concurrent('shows a change as a diff; what is approved is written', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      const message = 'In src/routes/orders.ts replace requireKey with requireKey, perKey'
      await say(terminal, message)
      const asked = await terminal.seeAfter(message, canDecide)
      expectGolden('approval', asked.slice(asked.indexOf('── ‖')))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence that colours the ground is what is looked for
      const ground = /\u001b\[[\d;]*48;5;\d+m *2 \+ /
      expect(await terminal.coloured()).toMatch(ground)
      expect(person.files()).toEqual(project)

      await terminal.press('a')
      expectGolden('turn', await terminal.seeAfter(message, turnEnd))
      expect(person.read('src/routes/orders.ts')).toBe(route.replaceAll('requireKey', 'requireKey, perKey'))
    })

    test.concurrent('a rejection tells the agent why and leaves the file as it is; Enter decides nothing', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      const message = 'Change line 2 of a.txt to TWO'
      await say(terminal, message)
      const asked = await terminal.seeAfter(message, canDecide)
      expect(asked).toMatch(/^ 2 {4}- two\n {4}2 \+ TWO$/m)

      await terminal.press('Enter')
      await terminal.see(/decide first$/)
      await terminal.press('Escape')
      // An Escape that another key follows at once would be that key with Alt.
      await terminal.see(/waits 0:(?!0[01])\d\d/)
      await terminal.type('yes')
      await terminal.press('Enter')
      expect(await terminal.see(/^> yes$/m)).toMatch(canDecide)
      await terminal.press('C-u')
      await terminal.see(/^ {2}\[a\]pprove(?![\s\S]*> yes)/m)
      expect(person.files()).toEqual(project)

      await terminal.press('r')
      await terminal.see('Why not? coder reads it.')
      await terminal.type('two is right')
      await terminal.press('Enter')
      const rejected = await terminal.seeAfter(message, turnEnd)
      expect(rejected).toMatch(/^✗ write_file a\.txt +rejected by you +\S+ s\n {4}“two is right”$/m)
      expect(rejected).toContain('The call of write_file was rejected: two is right')
      expect(person.files()).toEqual(project)
    })

    test.concurrent('runs a command that was approved and quotes exit code and output', async () => {
      const files = { ...project, 'version.sh': 'node --version\n' }
      await using person = await Person.with(files)
      await using terminal = await person.open()
      await say(terminal, 'run `sh version.sh`')
      const asked = await terminal.seeAfter('run `sh version.sh`', canDecide)
      expect(asked).toMatch(/^── ‖ run a command ─+ waits 0:\d\d ─\n {2}~\/work\/orders-api \$ sh version\.sh$/m)
      expect(asked).toContain('coder asks because the command cannot be judged by rules: it runs other\n  commands')
      expect(asked).toContain('\n  time-out 60 s, no shell\n')

      await terminal.press('a')
      const done = await terminal.seeAfter('run `sh version.sh`', turnEnd)
      expect(done).toMatch(/^✓ execute_command sh version\.sh +exit 0, 1 line +\S+ m?s$/m)
      expect(done).toMatch(/sh version\.sh ended with exit code 0\.\s+v\d+\.\d+\.\d+$/m)

      await say(terminal, 'run `node missing.js`')
      await terminal.seeAfter('run `node missing.js`', canDecide)
      await terminal.press('a')
      const failed = await terminal.seeAfter('run `node missing.js`', turnEnd)
      expect(failed).toMatch(/^✗ execute_command node missing\.js +exit 1, \d+ lines +\S+ m?s$/m)
      expect(failed).toContain('node missing.js ended with exit code 1.')
      expect(person.files()).toEqual(files)
    })

    test.concurrent('reads two files of one answer together', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, 'compare a.txt and b.txt')
      const done = await terminal.seeAfter('compare a.txt and b.txt', turnEnd)
      expect(done).toMatch(/^✓ read_file a\.txt +3 lines +\S+ m?s\n✓ read_file b\.txt +3 lines +\S+ m?s$/m)
      expect(done).toContain('They first differ in line 2:')
    })

    test.concurrent('asks again after server and client were killed, and goes on', async () => {
      await using person = await Person.with(project)
      const message = 'Change line 2 of a.txt to TWO'
      {
        await using terminal = await person.open()
        await say(terminal, message)
        await terminal.seeAfter(message, canDecide)
        await endProcess(serverOf(person), 'SIGKILL')
        await endProcess(await terminal.pid(), 'SIGKILL')
      }
      await using terminal = await person.open(['resume'])
      expect(await terminal.see(/Sessions in orders-api/)).toMatch(/^‖ Change line 2 of a\.txt to TWO +coder +waits /m)
      await terminal.press('Enter')
      const asked = await terminal.see(/^── ‖ write a\.txt .* waits 0:(?!00)\d\d ─$/m)
      expect(asked).toMatch(/^> Change line 2 of a\.txt to TWO$/m)
      expect(await terminal.transcript()).not.toContain('Sessions in')
      expect(asked).toMatch(/^ {2}Resumed\. Something waits for you since \d\d:\d\d\.$/m)
      expect(asked).toMatch(/^ 2 {4}- two\n {4}2 \+ TWO$/m)
      expect(person.files()).toEqual(project)

      await terminal.press('a')
      await terminal.see(turnEnd)
      expect(person.files()).toEqual({ ...project, 'a.txt': 'one\nTWO\nthree\n' })

      await say(terminal, 'Explain a.txt')
      expect(await terminal.seeAfter('Explain a.txt', turnEnd)).toMatch(/^✓ read_file a\.txt +3 lines/m)
      await terminal.type('/quit')
      await terminal.press('Enter')
      expect(await terminal.ended()).toBe(0)
      expect(await terminal.screen()).toMatch(/Go on with it: codelab resume [0-9a-f]{8}$/m)

      const piped = await person.run(['-c'], 'Explain b.txt\n')
      expect(piped).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('> Explain b.txt\n') })
      expect(piped.stdout).toContain('b.txt`: text, 3 lines.')
    })

    test.concurrent('Ctrl-C stops a command with all that it started, and the session goes on', async () => {
      const script = 'echo $$ > "$HOME/leader"\necho started\nsleep 30 &\nwait\necho over\n'
      await using person = await Person.with({ ...project, 'wait.sh': script })
      await using terminal = await person.open()
      await say(terminal, 'run `sh wait.sh`')
      await terminal.seeAfter('run `sh wait.sh`', canDecide)
      await terminal.press('a')
      await terminal.seeAfter('run `sh wait.sh`', /^ {2}│ started$/m)
      const leader = Number(readFileSync(join(person.home, 'leader'), 'utf8'))
      expect(await groupEndsWithin(leader, 0)).toBe(false)

      await terminal.press('C-c')
      expect(await groupEndsWithin(leader, 4000)).toBe(true)
      const stopped = await terminal.seeAfter('run `sh wait.sh`', /^○ stopped by you[\s\S]* ready$/m)
      expect(stopped).toMatch(/^○ execute_command sh wait\.sh +interrupted, 1 line +\S+ m?s$/m)

      await say(terminal, 'Explain a.txt')
      expect(await terminal.seeAfter('Explain a.txt', turnEnd)).toContain('a.txt: text, 3 lines.')
    })

    test.concurrent('fits a narrow window, without colour and without Unicode', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open(['--ascii'], { columns: 50, env: { NO_COLOR: '1' } })
      const message = 'In src/routes/orders.ts replace requireKey with requireKey, perKey'
      await say(terminal, message)
      const asked = await terminal.seeAfter(message, canDecide)
      expect(asked).toMatch(/^-- \?\? write src\/routes\/o\.\. {2}\+2 -2 --- waits 0:\d\d -$/m)
      expectPlain(await terminal.transcript(), await terminal.coloured(), 50)
      await terminal.press('a')
      expect(await terminal.seeAfter(message, turnEnd)).toMatch(/^ok write_file src\/routes\/\S+ +\+2 -2 +\S+ m?s$/m)
      expectPlain(await terminal.transcript(), await terminal.coloured(), 50)
    })

    test.concurrent('without a terminal: the answer alone on stdout, the rest on stderr', async () => {
      await using person = await Person.with(project)
      const { code, stdout, stderr } = await person.run(['run', 'Explain a.txt'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^`a\.txt`: text, 3 lines\.\n[\s\S]*\S\n$/)
      expect(stdout + stderr).not.toContain('\u001b')
      expect(stderr).toMatch(/^✓ read_file a\.txt +3 lines/m)
      expect(stderr).not.toContain('It begins with')
    })

    test.concurrent('as JSON lines: the answer, a call, and how it ended', async () => {
      await using person = await Person.with(project)
      const { code, stdout, stderr } = await person.run(['run', '--json', 'Explain a.txt'])
      const lines = jsonLines(stdout)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
      expect(lines[0]).toMatchObject({ type: 'session', model: 'demo', cwd: person.project })
      expect(lines).toContainEqual(expect.objectContaining({ type: 'tool.call', tool: 'read_file', decision: 'allow' }))
      expect(lines.at(-2)).toMatchObject({ type: 'message', text: expect.stringContaining('text, 3 lines') })
      expect(lines.at(-1)).toMatchObject({ type: 'turn.finished', outcome: 'completed' })
    })

    test.concurrent('nobody here to approve: exit 3 with the rule that would allow it; with that rule it is done', async () => {
      await using person = await Person.with(project)
      const wish = 'Create docs/plan.txt with text Ship it'
      const refused = await person.run(['run', wish])
      expect(refused).toMatchObject({ code: 3, stdout: '' })
      expect(refused.stderr).toMatch(
        /^✗ write_file needs a person, and nobody is here\n {4}--allow 'write_file\(docs\/\*\*\)'$/m,
      )

      const json = await person.run(['run', '--json', wish])
      expect(json.code).toBe(3)
      expect(jsonLines(json.stdout).at(-1)).toMatchObject({
        type: 'error',
        code: 'approval_required',
        hint: "--allow 'write_file(docs/**)'",
      })
      expect(person.files()).toEqual(project)

      const allowed = await person.run(['run', '--allow', 'write_file(docs/**)', wish])
      expect(allowed).toMatchObject({ code: 0, stdout: 'Created `docs/plan.txt` (1 line).\n' })
      expect(person.files()).toEqual({ ...project, 'docs/plan.txt': 'Ship it\n' })
      const denied = await person.run(['run', '--allow', 'write_file', '--deny', 'write_file(*.txt)', 'Create c.txt'])
      expect(denied).toMatchObject({ code: 3, stdout: '' })
      expect(person.files()).toEqual({ ...project, 'docs/plan.txt': 'Ship it\n' })
    })

    test.concurrent('keeps what is its own in the state folder, for this user only', async () => {
      await using person = await Person.with(project)
      expect((await person.run(['run', 'What is in this project?'])).code).toBe(0)
      expect(modeOf(person.state)).toBe(0o700)
      for (const file of ['key', 'server.json', 'server.log', 'codelab.db', 'folders.json']) {
        expect([file, modeOf(join(person.state, file))]).toEqual([file, 0o600])
      }
      expect(person.files()).toEqual(project)
      const elsewhere = person.listing(person.home).filter((path) => !/^(work\/orders-api|state\/codelab)\//.test(path))
      // What Node compiled, so that the next start is faster.
      expect(elsewhere.filter((path) => !path.startsWith('.cache/codelab/compiled/'))).toEqual([])
    })
  },
)

function serverOf(person: Person): number {
  const pid = person.serverPid()
  if (pid === undefined) throw new Error('no server was started')
  return pid
}

/** Bold is all that is left without colour; 39 and 49 are the terminal's own. */
function expectPlain(transcript: string, coloured: string, columns: number): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  const sequences = coloured.match(/\u001b[^m]*m?/g) ?? []
  expect(sequences.filter((sequence) => !['[0m', '[1m', '[39m', '[49m'].includes(sequence.slice(1)))).toEqual([])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  expect(transcript).toMatch(/^[\u0000-\u007f]*$/)
  expect(transcript.split('\n').filter((line) => line.length > columns)).toEqual([])
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}
