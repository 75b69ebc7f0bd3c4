import { Inbox } from '@codelab/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asks, Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(() => stage[Symbol.asyncDispose]())

const diff = '--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+hello\n'

async function waitsIn(sessionId: string, tool = 'write_file', args: object = { path: 'a.txt', content: 'hello\n' }) {
  await stage.coderSession(sessionId)
  stage.model.script(asks(`call-${sessionId}`, tool, args, 'I write it down.'))
  await stage.send(sessionId, { type: 'user_message', content: `Title of ${sessionId}` })
}

async function inbox(query = '') {
  const { status, body } = await stage.call('GET', `/approvals${query}`)
  expect(status).toBe(200)
  return Inbox.parse(body)
}

test('what waits in any session is there, oldest first, with what is needed to decide', async () => {
  await waitsIn('first')
  await waitsIn('second', 'execute_command', { command: 'npm i pg' })
  const preview = { old_sha256: null, diff, truncated: false }
  await stage.call('POST', '/sessions/first/tool-calls/call-first/preview', preview)
  const { approvals, count, waiting } = await inbox()
  expect([count, waiting]).toEqual([2, 2])
  expect(approvals[0]).toMatchObject({
    session_id: 'first',
    session_title: 'Title of first',
    agent: 'coder',
    words: 'I write it down.',
    call_id: 'call-first',
    tool_name: 'write_file',
    arguments: { path: 'a.txt', content: 'hello\n' },
    preview,
    decision: null,
  })
  expect(approvals[1]).toMatchObject({ session_id: 'second', arguments: { command: 'npm i pg' }, preview: null })
  expect((await inbox('?limit=1')).waiting).toBe(2)
})

test('what was decided is gone from there, and tells who decided', async () => {
  await waitsIn('first')
  await waitsIn('second')
  await stage.send(
    'first',
    { type: 'hitl_decision', call_id: 'call-first', decision: 'reject', feedback: 'not now' },
    { client: { id: 'phone' } },
  )
  expect((await inbox()).approvals.map(({ session_id }) => session_id)).toEqual(['second'])
  const { approvals, waiting } = await inbox('?state=decided')
  expect(waiting).toBe(1)
  expect(approvals).toHaveLength(1)
  expect(approvals[0]?.decision).toMatchObject({
    status: 'rejected',
    kind: 'reject',
    by: 'phone',
    implicit: false,
    feedback: 'not now',
  })
})

test('sessions that were deleted ask nobody', async () => {
  await waitsIn('first')
  await stage.call('DELETE', '/sessions/first')
  expect(await inbox()).toEqual({ approvals: [], count: 0, waiting: 0 })
  expect(await inbox('?state=decided')).toMatchObject({ count: 0 })
})
