import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startScriptedModel } from '../eval/scripted-model.ts'
import { say as answer, call, calls, type Script } from '../eval/task.ts'
import { lane, needs } from '../test/lanes.ts'
import { canDecide, say, turnEnd } from './chat.ts'
import { expectGolden } from './golden-screen.ts'
import { Person } from './person.ts'
import { endProcess } from './processes.ts'

const slow = 'echo started\nsleep 8\necho over\n'
const project = {
  'README.md': '# Orders\n\nTakes orders and sends them on.\n',
  'a.txt': 'one\ntwo\nthree\n',
  'slow.sh': slow,
}
const change = 'Change line 2 of a.txt to TWO'

/** From the line on that matches. */
function from(screen: string, start: RegExp): string {
  const lines = screen.split('\n')
  return lines.slice(lines.findIndex((line) => start.test(line))).join('\n')
}

lane(
  'tmux',
  () => needs('tmux'),
  () => {
    test.concurrent('what is typed while a turn runs steers it, or waits until it has ended', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, 'run `sh slow.sh`')
      await terminal.seeAfter('run `sh slow.sh`', canDecide)
      await terminal.press('a')
      await terminal.see(/^ {2}│ started$/m)
      await terminal.type('and explain README.md')
      await terminal.see('Enter: steer, after this step   Tab: queue, after this turn')
      await terminal.press('Enter')
      await terminal.see(/^ {2}steer {3}and explain README\.md$/m)
      await terminal.type('explain a.txt')
      await terminal.press('Tab')
      await terminal.see('Enter: queue, after this turn   Tab: steer, after this step')
      await terminal.press('Enter')
      const waiting = await terminal.see(/^ {2}queued {2}explain a\.txt {3}Up takes it back$/m)
      expectGolden('steer-waits', from(waiting, /^. execute_command/))

      const done = await terminal.seeAfter('explain a.txt', turnEnd)
      expect(done).toContain('a.txt: text, 3 lines.')
      // The steer is told of on a stream of its own, so it may come a moment behind the call that follows from it.
      const late = /(✓ read_file README\.md[^\n]*\n)\n(> steer[^\n]*\n)/
      expectGolden('steer', from((await terminal.transcript()).replace(late, '\n$2\n$1'), /^✓ execute_command/))
    })

    test.concurrent('a change is edited before it is approved, and asked about once more', async () => {
      await using person = await Person.with({ ...project, 'editor.sh': 'sed -i s/TWO/zwei/ "$1"\n' })
      await using terminal = await person.open([], { env: { EDITOR: `sh ${join(person.project, 'editor.sh')}` } })
      await say(terminal, change)
      await terminal.seeAfter(change, canDecide)
      await terminal.press('e')
      const asked = await terminal.see(/edited by you ─+ waits 0:(?!00)\d\d/)
      expectGolden('edit', from(asked, /^── ‖/))
      // The dialog is a new one: it takes no key at once.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      expect(person.read('a.txt')).toBe(project['a.txt'])
      await terminal.press('a')
      await terminal.seeAfter(change, turnEnd)
      expect(person.read('a.txt')).toBe('one\nzwei\nthree\n')
    })

    test.concurrent('an edit of a part is edited as the whole file', async () => {
      function* model(): Script {
        yield calls(call('read_file', { path: 'a.txt' }))
        yield calls(call('edit_file', { path: 'a.txt', edits: [{ old_text: 'two', new_text: 'TWO' }] }))
        yield answer('Done.')
      }
      await using upstream = await startScriptedModel(model(), () => {})
      await using person = await Person.with({ ...project, 'editor.sh': 'sed -i s/TWO/zwei/ "$1"\n' })
      const settings = { OPENAI_API_KEY: 'sk-none', OPENAI_BASE_URL: upstream.url, CODELAB_MODEL: 'scripted' }
      const env = { ...settings, EDITOR: `sh ${join(person.project, 'editor.sh')}` }
      await using terminal = await person.open(['--agent', 'coder'], { env })
      await say(terminal, 'two is wrong')
      await terminal.seeAfter('two is wrong', canDecide)
      await terminal.press('e')
      await terminal.see(/edited by you ─+ waits 0:(?!00)\d\d/)
      await new Promise((resolve) => setTimeout(resolve, 1000))
      await terminal.press('a')
      await terminal.seeAfter('two is wrong', turnEnd)
      expect(person.read('a.txt')).toBe('one\nzwei\nthree\n')
      expect(upstream.faults).toEqual([])
    })

    test.concurrent('a rejection keeps the reason in the transcript', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, change)
      await terminal.seeAfter(change, canDecide)
      await terminal.press('r')
      await terminal.see('Why not? coder reads it.')
      await terminal.type('two is right')
      await terminal.press('Enter')
      expectGolden('rejection', from(await terminal.seeAfter(change, turnEnd), /^✗ write_file/))
      expect(person.read('a.txt')).toBe(project['a.txt'])
    })

    test.concurrent('Ctrl-C stops a turn, and a second one leaves', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, 'run `sh slow.sh`')
      await terminal.seeAfter('run `sh slow.sh`', canDecide)
      await terminal.press('a')
      await terminal.see(/^ {2}│ started$/m)
      await terminal.press('C-c')
      const stopped = await terminal.seeAfter('run `sh slow.sh`', /^○ stopped by you[\s\S]* ready$/m)
      expectGolden('interrupt', from(stopped, /^○ execute_command/))
      await new Promise((resolve) => setTimeout(resolve, 2200))
      await terminal.press('C-c')
      await terminal.see('Ctrl-C again leaves')
      await terminal.press('C-c')
      expect(await terminal.ended()).toBe(130)
    })

    test.concurrent('shows and takes back what the last turn wrote, and tells the agent', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, change)
      await terminal.seeAfter(change, canDecide)
      await terminal.press('a')
      await terminal.seeAfter(change, turnEnd)
      await say(terminal, '/diff')
      await say(terminal, '/undo')
      const undone = await terminal.seeAfter('/undo', /The model is told[\s\S]* ready$/)
      expect(undone).toMatch(/^✓ restored {2}a\.txt$/m)
      expectGolden('undo', from(await terminal.transcript(), /^> \/diff/))
      expect(person.read('a.txt')).toBe(project['a.txt'])
      await say(terminal, '/undo')
      await terminal.seeAfter('/undo', 'Nothing to undo')
    })

    test.concurrent('Shift-Tab accepts file changes from then on; commands still ask', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, change)
      await terminal.seeAfter(change, canDecide)
      await terminal.press('BTab')
      await terminal.seeAfter(change, turnEnd)
      expect(person.read('a.txt')).toBe('one\nTWO\nthree\n')
      expect(await terminal.screen()).toMatch(/^ coder · accepts edits · demo · [0-9a-f]{8} +ready$/m)
      await say(terminal, 'Change line 3 of a.txt to THREE')
      await terminal.seeAfter('Change line 3 of a.txt to THREE', turnEnd)
      expect(person.read('a.txt')).toBe('one\nTWO\nTHREE\n')
      await say(terminal, 'run `sh slow.sh`')
      await terminal.seeAfter('run `sh slow.sh`', canDecide)
      await terminal.press('C-c')
      await terminal.see(/ ready$/)
      await terminal.press('BTab')
      await terminal.see(/^ coder · demo · [0-9a-f]{8}/m)
    })

    test.concurrent('always: the rule is shown before it is made, holds, is listed and revoked', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, change)
      await terminal.seeAfter(change, canDecide)
      await terminal.press('l')
      expectGolden('always', from(await terminal.see('[Esc] back'), /^── ‖/))
      await new Promise((resolve) => setTimeout(resolve, 1000))
      await terminal.press('1')
      const made = await terminal.seeAfter(change, turnEnd)
      expect(made).toContain('Rule for this session: allow write_file a.txt')

      await say(terminal, 'Change line 3 of a.txt to THREE')
      await terminal.seeAfter('Change line 3 of a.txt to THREE', turnEnd)
      expect(person.read('a.txt')).toBe('one\nTWO\nTHREE\n')
      await say(terminal, '/rules')
      const listed = await terminal.seeAfter('/rules', /^ {2}[0-9a-f]{8} {2}session {3}allow {2}write_file {2}a\.txt$/m)
      const id = /^ {2}([0-9a-f]{8}) {2}session/m.exec(listed)?.[1] ?? ''
      await say(terminal, `/rules revoke ${id}`)
      await terminal.seeAfter(`/rules revoke ${id}`, 'Revoked:')
      await say(terminal, 'Change line 1 of a.txt to ONE')
      await terminal.seeAfter('Change line 1 of a.txt to ONE', canDecide)

      const args = ['rules', 'explain', '--tool', 'execute_command', '--args', '{"command":"git status"}']
      expect(await person.run(args)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^allow: /) })
    })

    test.concurrent('completes commands and files, and finds what was sent in an earlier chat', async () => {
      await using person = await Person.with({ ...project, '.gitignore': 'build\n', 'build/reads.txt': 'x\n' })
      {
        await using terminal = await person.open()
        await terminal.see(/ ready$/)
        await terminal.type('/un')
        await terminal.see(/^> \/undo {6}take back/m)
        await terminal.press('C-u')
        await terminal.type('explain @rea')
        const menu = await terminal.see(/^> README\.md +3 lines/m)
        expect(menu).not.toContain('build/')
        await terminal.press('Tab')
        await terminal.see(/^> explain @README\.md$/m)
        await terminal.press('Enter')
        expect(await terminal.seeAfter('explain @README.md', turnEnd)).toMatch(/^✓ read_file README\.md/m)
        await terminal.type('/quit')
        await terminal.press('Enter')
        await terminal.ended()
      }
      expect(statSync(join(person.state, 'history.jsonl')).mode & 0o777).toBe(0o600)
      await using terminal = await person.open()
      await terminal.see(/ ready$/)
      await terminal.press('C-r')
      await terminal.type('expl')
      await terminal.see(/^> search: expl\n {2}explain @README\.md$/m)
      await terminal.press('Enter')
      await terminal.see(/^> explain @README\.md$/m)
    })

    test.concurrent('runs a command of the person and tells the model with the next message', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open()
      await say(terminal, '!cat a.txt; exit 3')
      const ran = await terminal.seeAfter('!cat a.txt; exit 3', /The model is told[\s\S]* ready$/)
      expect(ran).toMatch(/^✗ cat a\.txt; exit 3 +exit 3, 3 lines +\S+ m?s\n {2}│ one\n {2}│ two\n {2}│ three$/m)
      await say(terminal, 'Explain README.md')
      expect(await terminal.seeAfter('Explain README.md', turnEnd)).toContain('Markdown')
    })

    test.concurrent('goes on after server and client were killed', async () => {
      await using person = await Person.with(project)
      {
        await using terminal = await person.open()
        await say(terminal, change)
        await terminal.seeAfter(change, canDecide)
        await endProcess(person.serverPid() ?? 0, 'SIGKILL')
        await endProcess(await terminal.pid(), 'SIGKILL')
      }
      await using terminal = await person.open(['-c'])
      const asked = await terminal.see(/^── ‖ write a\.txt .* waits 0:(?!00)\d\d ─$/m)
      expectGolden('resume', from(asked, /^> Change/))
      await terminal.press('a')
      await terminal.see(turnEnd)
      expect(person.read('a.txt')).toBe('one\nTWO\nthree\n')
    })

    test.concurrent('says so when a call may have run, and runs it again only after a yes', async () => {
      await using person = await Person.with({ ...project, 'once.sh': 'echo ran >> ran.txt\nsleep 30\n' })
      {
        await using terminal = await person.open()
        await say(terminal, 'run `sh once.sh`')
        await terminal.seeAfter('run `sh once.sh`', canDecide)
        await terminal.press('a')
        await terminal.see(/^. execute_command sh once\.sh +[1-9]\.\d s$/m)
        await endProcess(await terminal.pid(), 'SIGKILL')
      }
      await using terminal = await person.open(['-c'])
      const asked = await terminal.see(/may have run already/)
      expect(asked).toMatch(/^‖ execute_command sh once\.sh was started before/m)
      await new Promise((resolve) => setTimeout(resolve, 800))
      await terminal.press('n')
      await terminal.see(turnEnd)
      expect(person.read('ran.txt')).toBe('ran\n')
    })

    test.concurrent('fits a window of 40 columns', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open([], { columns: 40 })
      await say(terminal, change)
      const asked = await terminal.seeAfter(change, canDecide)
      expectGolden('narrow', from(asked, /^── ‖/))
      await terminal.press('a')
      await terminal.seeAfter(change, turnEnd)
      for (const line of (await terminal.transcript()).split('\n')) expect(line.length).toBeLessThanOrEqual(40)
    })

    test.concurrent('is heard with a screen reader: nothing is redrawn, one sentence a line', async () => {
      await using person = await Person.with(project)
      await using terminal = await person.open(['--screen-reader'], { columns: 120 })
      await terminal.see(/Ctrl-D leaves\.$/m)
      await terminal.type(change)
      await terminal.press('Enter')
      await terminal.see('Type a to approve')
      await terminal.type('d')
      await terminal.press('Enter')
      await terminal.see('Added, line 2: TWO')
      await terminal.type('a')
      await terminal.press('Enter')
      expectGolden('heard', from(await terminal.see(/^Turn ended after/m), /^Coder takes over/))
      expect(person.read('a.txt')).toBe('one\nTWO\nthree\n')
    })

    test.concurrent('asks once whether the settings of a folder may count, and again when they change', async () => {
      const rules = '{ "rules": [{ "tool": "execute_command", "pattern": "sh slow.sh", "effect": "allow" }] }\n'
      await using person = await Person.with({ ...project, '.codelab/permissions.jsonc': rules })
      {
        await using terminal = await person.open()
        expectGolden('trust', from(await terminal.see(/\[n\] do not use them/), /^‖/))
        await new Promise((resolve) => setTimeout(resolve, 800))
        await terminal.press('n')
        await terminal.see(/ ready$/)
      }
      const shown = await person.run(['trust'])
      expect(shown).toMatchObject({ code: 3, stdout: expect.stringContaining('Not trusted') })
      expect((await person.run(['trust', '--yes'])).code).toBe(0)
      await using terminal = await person.open()
      await terminal.see(/ ready$/)
      expect(await terminal.transcript()).not.toContain('[n] do not use them')
    })

    test.concurrent('without a terminal the demo tells its story, is killed, goes on, and leaves nothing', async () => {
      await using person = await Person.with(project)
      const { code, stdout, stderr } = await person.run(['demo'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/kill -9 \d+/)
      expect(stdout).toContain('connected again')
      expect(stdout).toContain('restored: src/limits.js')
      expect(stdout).toContain('Nothing was lost.')
      expect(person.files()).toEqual(project)
      expect(person.serverPid()).toBeUndefined()
    })

    test.concurrent('without a terminal a run is plain lines', async () => {
      await using person = await Person.with(project)
      const { code, stdout, stderr } = await person.run(['run', '--allow', 'write_file(*.txt)', change])
      expect(code).toBe(0)
      expect(person.read('a.txt')).toBe('one\nTWO\nthree\n')
      expectGolden('no-terminal', `${stderr}--- stdout ---\n${stdout}`.trimEnd())
    })
  },
)
