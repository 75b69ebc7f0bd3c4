import { call, calls, must, type Task } from '../task.ts'

export const task: Task = {
  name: 'for-ever',
  title: 'The same call for ever ends, and says why',
  request: 'Look until the file says "ready".',
  agent: 'ask',
  files: { 'state.txt': 'waiting\n' },
  ends: { code: 'loop' },
  check({ calls: made, end }) {
    must(made.length <= 5, `${made.length} calls were made`)
    must(end.message !== '', 'nothing is said')
  },
  *script() {
    while (true) yield calls(call('read_file', { path: 'state.txt' }))
  },
}
