import type { SessionHistory } from '@codelab/protocol'
import { expect, it } from 'vitest'
import { pastTurnLines } from './past-turn.ts'
import { Style } from './style.ts'
import { Transcript } from './transcript.ts'

type Message = SessionHistory['messages'][number]

function message(role: Message['role'], more: Partial<Message> = {}): Message {
  return { role, content: null, ...more } as Message
}

it('marks the calls of the last turn by what became of them; one without a result waits', () => {
  const style = new Style({ depth: 'none' })
  const call = (id: string, name: string, path: string) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: JSON.stringify({ path }) },
  })
  const history = {
    current_agent: 'coder',
    messages: [
      message('user', { content: 'old' }),
      message('user', { content: 'change it' }),
      message('assistant', {
        tool_calls: [
          call('c1', 'read_file', 'a.ts'),
          call('c2', 'read_file', 'b.ts'),
          call('c3', 'write_file', 'a.ts'),
        ],
      }),
      message('tool', { tool_call_id: 'c1', content: 'text' }),
      message('tool', { tool_call_id: 'c2', content: 'Error: there is no such file' }),
    ],
  } as unknown as SessionHistory
  const lines = pastTurnLines(history, new Transcript(style), 60, style).map((line) => line.trimEnd())
  expect(lines.filter((line) => /_file/.test(line))).toEqual([
    '✓ read_file a.ts',
    '✗ read_file b.ts',
    '‖ write_file a.ts',
  ])
  expect(lines.join('\n')).not.toContain('old')
})
