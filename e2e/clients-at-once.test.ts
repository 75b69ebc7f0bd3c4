import { afterAll, beforeAll, expect, test } from 'vitest'
import { IdeApp } from '../packages/server/test/conformance/ide-app.ts'
import { EventReader } from '../packages/server/test/readers/event-reader.ts'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane, needs } from '../test/lanes.ts'
import { canDecide, say, turnEnd } from './chat.ts'
import { Person } from './person.ts'
import type { Terminal } from './tmux.ts'

/** One session in the IDE on its socket, in our terminal, and with a reader of its events, all at once. */
lane(
  'tmux',
  () => needs('tmux'),
  () => {
    let server: ServerProcess
    beforeAll(async () => {
      server = await ServerProcess.start()
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
    })

    const command = "sh -c 'echo once >> ran.txt; cat ran.txt'"
    const asking = `run \`${command}\``

    /** The three of them on a new session, which the IDE made and has talked in. */
    async function together() {
      const app = new IdeApp(() => server.url)
      const id = await app.create()
      const person = await Person.with({ 'README.md': '# Orders\n' })
      const events = await EventReader.open(server.url, id, { after: 0 })
      const ide = await app.connect(id)
      ide.say('hello')
      await ide.until('assistant_message')
      const env = { CODELAB_URL: server.url, CODELAB_INTERNAL_API_KEY: internalKey }
      const terminal = await person.open(['chat', '--session', id], { env })
      await terminal.see('hello')
      const end = async () => {
        ide[Symbol.dispose]()
        events[Symbol.dispose]()
        await terminal[Symbol.asyncDispose]()
        await person[Symbol.asyncDispose]()
      }
      return { app, id, person, events, ide, terminal, [Symbol.asyncDispose]: end }
    }

    const untilAsked = async (terminal: Terminal) => {
      await say(terminal, asking)
      await terminal.seeAfter(asking, canDecide)
    }
    const callOf = async (app: IdeApp, id: string) => (await app.approvals(id))[0]?.call_id ?? ''
    const toolMessages = async (app: IdeApp, id: string) =>
      (await app.history(id)).messages.filter(({ role }) => role === 'tool')

    test.concurrent('what one says the others have: in the history, on the screen, among the events', async () => {
      await using all = await together()
      const { app, id, events, ide, terminal, person } = all
      await untilAsked(terminal)
      const callId = await callOf(app, id)
      await events.until(({ event, data }) => event === 'approval.requested' && data.call_id === callId)
      await terminal.press('a')
      await terminal.seeAfter(asking, turnEnd)
      await events.until(({ event, data }) => event === 'tool_result.created' && data.call_id === callId)
      expect(person.read('ran.txt')).toBe('once\n')
      expect(await toolMessages(app, id)).toHaveLength(1)
      const before = ide.frames.length
      ide.say('hello again')
      await ide.until('assistant_message')
      expect(ide.frames).toHaveLength(before + 1)
      await events.until(({ event, data }) => event === 'message.created' && data.message?.content === 'hello again')
    })

    test.concurrent('a phone approves: the terminal runs it, once', async () => {
      await using all = await together()
      const { app, id, events, ide, terminal, person } = all
      await untilAsked(terminal)
      const callId = await callOf(app, id)
      using phone = await app.connect(id)
      phone.send({ type: 'hello', client: { id: 'phone', name: 'phone', tools: [] } })
      expect((await phone.next())['pending_approvals']).toMatchObject([{ call_id: callId }])
      phone.send({ type: 'hitl_decision', call_id: callId, decision: 'approve' })
      expect(await phone.next()).toMatchObject({ type: 'approval_decided', decision: 'approve' })
      await terminal.seeAfter(asking, turnEnd)
      expect(person.read('ran.txt')).toBe('once\n')
      await events.until(({ event, data }) => event === 'tool_result.created' && data.call_id === callId)
      expect(await toolMessages(app, id)).toHaveLength(1)
      expect(phone.frames).toHaveLength(2)
      expect(ide.frames.filter(({ type }) => type === 'tool_call')).toEqual([])
    })

    test.concurrent('a phone rejects: nothing runs, and the terminal goes on', async () => {
      await using all = await together()
      const { app, id, terminal, person } = all
      await untilAsked(terminal)
      using phone = await app.connect(id)
      phone.send({ type: 'hello', client: { id: 'phone', name: 'phone', tools: [] } })
      phone.send({
        type: 'hitl_decision',
        call_id: await callOf(app, id),
        decision: 'reject',
        feedback: 'not from here',
      })
      await terminal.seeAfter(asking, / ready$/)
      expect(person.files()).toEqual({ 'README.md': '# Orders\n' })
      expect((await toolMessages(app, id))[0]?.content).toContain('not from here')
    })

    test.concurrent('the IDE takes a call over by its result: the terminal does not run it', async () => {
      await using all = await together()
      const { app, id, ide, terminal, person } = all
      await untilAsked(terminal)
      const call_id = await callOf(app, id)
      const result = { command, exit_code: 0, stdout: 'by the IDE\n', stderr: '', duration_ms: 1, timed_out: false }
      ide.send({ type: 'tool_result', call_id, tool_name: 'execute_command', result })
      expect(await ide.until('assistant_message')).toMatchObject({ is_final: true })
      await terminal.seeAfter(asking, / ready$/)
      expect(person.files()).toEqual({ 'README.md': '# Orders\n' })
      expect((await toolMessages(app, id))[0]?.content).toContain('by the IDE')
    })

    test.concurrent('whoever says that it may run in the IDE is given it, and only that one', async () => {
      await using all = await together()
      const { app, id, ide, terminal, person } = all
      await untilAsked(terminal)
      const call_id = await callOf(app, id)
      ide.send({ type: 'hitl_decision', call_id, decision: 'approve' })
      const call = await ide.until('tool_call')
      expect(call).toMatchObject({ call_id, requires_approval: false })
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      expect(person.files()).toEqual({ 'README.md': '# Orders\n' })
      const result = { command, exit_code: 0, stdout: 'by the IDE\n', stderr: '', duration_ms: 1, timed_out: false }
      ide.send({ type: 'tool_result', call_id, tool_name: 'execute_command', result })
      expect(await ide.until('assistant_message')).toMatchObject({ is_final: true })
      await terminal.seeAfter(asking, / ready$/)
      expect(person.files()).toEqual({ 'README.md': '# Orders\n' })
      expect(await toolMessages(app, id)).toHaveLength(1)
    })
  },
)
