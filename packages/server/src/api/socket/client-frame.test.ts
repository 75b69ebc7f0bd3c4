import { expect, test } from 'vitest'
import { readClientFrame } from './client-frame.ts'

test.each([
  ['{"type":"user_message","content":"hi"}', { kind: 'input', message: { type: 'user_message', content: 'hi' } }],
  ['{"type":"cancel","content":null}', { kind: 'cancel' }],
  ['{"type":"hello","client":{"id":"a"}}', { kind: 'hello', client: { id: 'a' } }],
  [
    '{"type":"switch_agent","agent_type":"CODE"}',
    { kind: 'input', message: { type: 'switch_agent', agent_type: 'code' } },
  ],
  [
    '{"type":"hitl_decision","call_id":"c","decision":"Approve"}',
    { kind: 'input', message: { type: 'hitl_decision', call_id: 'c', decision: 'approve' } },
  ],
  [
    '{"type":"hitl_response","call_id":"c","action":"REJECT"}',
    { kind: 'input', message: { type: 'hitl_response', call_id: 'c', action: 'REJECT' } },
  ],
  ['{"type":"constructor"}', { kind: 'refused', text: 'Unknown message type: constructor' }],
  ['{"type":7}', { kind: 'refused', text: 'Unknown message type: 7' }],
  [
    '{"type":"user_message","content":7}',
    { kind: 'refused', text: 'Invalid JSON message: user_message needs content, a string' },
  ],
])('%s', (text, frame) => {
  expect(readClientFrame(Buffer.from(text))).toEqual(frame)
})
