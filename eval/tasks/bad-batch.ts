import { call, calls, must, say, type Task } from '../task.ts'

export const task: Task = {
  name: 'bad-batch',
  title: 'A batch with an unknown tool, bad arguments and a path outside',
  request: 'Summarise a.txt and b.txt.',
  agent: 'ask',
  files: { 'a.txt': 'alpha\n', 'b.txt': 'beta\n' },
  check({ answer, calls: made }) {
    must(answer.includes('alpha') && answer.includes('beta'), 'the answer is wrong')
    must(
      made.every((one) => one.tool === 'read_file'),
      'a call that was refused reached the client',
    )
  },
  *script() {
    const seen = yield calls(
      call('read_file', { path: 'a.txt' }),
      call('launch_rocket', { to: 'moon' }),
      call('read_file', { file: 'b.txt' }),
      call('read_file', { path: '../../etc/passwd' }),
    )
    must(seen.results.length === 4, `four calls have ${seen.results.length} results`)
    must(seen.results[0]?.includes('alpha') === true, 'the good call was not made')
    yield calls(call('read_file', { path: 'b.txt' }))
    yield say('a.txt says alpha, b.txt says beta.')
  },
}
