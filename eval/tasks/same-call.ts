import { call, calls, must, say, type Task } from '../task.ts'

export const task: Task = {
  name: 'same-call',
  title: 'The model repeats itself, is told so, and goes on',
  request: 'What does main.js print?',
  agent: 'ask',
  files: { 'main.js': "console.log('moin')\n" },
  check({ answer, calls: made }) {
    must(answer.includes('moin'), 'the answer is wrong')
    must(made.length <= 4, `${made.length} calls were made`)
  },
  *script() {
    let seen = yield calls(call('read_file', { path: 'main.js' }))
    for (let again = 0; again < 6 && !/same (?:call|result)|repeat|already/i.test(seen.results.join()); again++) {
      seen = yield calls(call('read_file', { path: 'main.js' }))
    }
    must(/moin/.test(seen.results.join()), 'the note took the place of the result')
    yield say('It prints `moin`.')
  },
}
