import { must, say, type Task } from '../task.ts'

const files = { 'notes.txt': 'one\n' }

export const task: Task = {
  name: 'call-in-prose',
  title: 'A call that stands in prose is no call: the cause is named',
  request: 'Delete the last line of notes.txt.',
  agent: 'coder',
  files,
  allow: ['write_file(**)', 'edit_file(**)'],
  ends: { code: 'upstream_bad_response' },
  check({ workspace, calls, end }) {
    must(workspace.read('notes.txt') === files['notes.txt'], 'the file was changed')
    must(calls.length === 0, 'a call was made')
    must(/tool/i.test(end.message), `the cause is not named: ${end.message}`)
  },
  *script() {
    yield say(
      'Sure, I will do that.\n<tool_call>\n{"name": "write_file", "arguments": {"path": "notes.txt", "content": ""}\nand then we are done.',
    )
  },
}
