import { createClient, PendingApprovals, SessionToolCalls, StoredPreview } from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asks, key, Stage, says } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

const preview = { old_sha256: 'ab'.repeat(32), diff: '--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n', truncated: false }
const urlOf = (session: string, call: string) => `/sessions/${session}/tool-calls/${call}/preview`

async function waitingCall(session: string): Promise<string> {
  const call = `call-${session}`
  await stage.coderSession(session)
  stage.model.script(asks(call, 'write_file', { path: 'a.py', content: 'y' }))
  await stage.send(session, { content: 'write' })
  return call
}

async function shownPreviews(session: string): Promise<unknown[]> {
  const pending = PendingApprovals.parse((await stage.call('GET', `/sessions/${session}/pending-approvals`)).body)
  const calls = SessionToolCalls.parse((await stage.call('GET', `/sessions/${session}/tool-calls?state=open`)).body)
  return [...pending.pending_approvals, ...calls.tool_calls].map((entry) => entry.preview)
}

describe('the preview of a call', () => {
  test('is shown to who decides; without one there is none', async () => {
    const call = await waitingCall('shown')
    expect(await shownPreviews('shown')).toEqual([null, null])
    const { status, body } = await stage.call('POST', urlOf('shown', call), preview)
    expect(status).toBe(200)
    expect(StoredPreview.parse(body)).toEqual({ session_id: 'shown', call_id: call, preview })
    expect(await shownPreviews('shown')).toEqual([preview, preview])
  })

  test('may be sent again, changed while the call waits, and unchanged after the decision', async () => {
    const call = await waitingCall('again')
    const later = { ...preview, old_sha256: null, truncated: true }
    for (const given of [preview, preview, later]) {
      expect((await stage.call('POST', urlOf('again', call), given)).status).toBe(200)
    }
    expect(await shownPreviews('again')).toEqual([later, later])
    await stage.send('again', { type: 'hitl_decision', call_id: call, decision: 'approve' })
    expect((await stage.call('POST', urlOf('again', call), later)).status).toBe(200)
    const refused = await stage.call('POST', urlOf('again', call), preview)
    expect(refused).toMatchObject({ status: 409, body: { code: 'approval_not_pending' } })
    const [open] = (await stage.call('GET', '/sessions/again/tool-calls?state=open')).body.tool_calls
    expect(open).toMatchObject({ state: 'open', preview: later })
  })

  test('is refused for a call that is unknown, superseded or needs nobody', async () => {
    const call = await waitingCall('gone')
    expect(await stage.call('POST', urlOf('gone', 'nobody'), preview)).toMatchObject({
      status: 404,
      body: { code: 'unknown_call' },
    })
    stage.model.script(asks('call-read', 'read_file', { path: 'a.py' }))
    await stage.send('gone', { content: 'something else' })
    expect(await stage.call('POST', urlOf('gone', call), preview)).toMatchObject({
      status: 409,
      body: { code: 'call_superseded' },
    })
    expect(await stage.call('POST', urlOf('gone', 'call-read'), preview)).toMatchObject({
      status: 409,
      body: { code: 'approval_not_pending' },
    })
  })

  test.each([
    ['old_sha256', { ...preview, old_sha256: 'ABC' }],
    ['diff', { ...preview, diff: 'ж'.repeat(32 * 1024 + 1) }],
    ['truncated', { old_sha256: null, diff: '' }],
  ])('is refused with a wrong %s', async (name, body) => {
    const call = await waitingCall(`wrong-${name}`)
    const answer = await stage.call('POST', urlOf(`wrong-${name}`, call), body)
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', name]])
    expect(await shownPreviews(`wrong-${name}`)).toEqual([null, null])
  })

  test('goes through the typed client, whatever is in the ids', async () => {
    const baseUrl = `http://127.0.0.1:${await stage.listen()}`
    const client = createClient({ baseUrl, key })
    await stage.coderSession('typed')
    stage.model.script(asks('call/1 #2', 'write_file', { path: 'a.py', content: 'y' }), says('unused'))
    await stage.send('typed', { content: 'write' })
    const largest = { ...preview, diff: 'ж'.repeat(32 * 1024) }
    expect(await client.previewCall('typed', 'call/1 #2', largest)).toEqual({
      session_id: 'typed',
      call_id: 'call/1 #2',
      preview: largest,
    })
    expect((await client.pendingApprovals('typed')).pending_approvals[0]?.preview).toEqual(largest)
  })
})
