import { call, calls, must, say, type Task } from '../task.ts'

export const task: Task = {
  name: 'hand-over',
  title: 'Debug finds the fault and hands over to the coder',
  request: 'node run.js throws. Find out why and have it fixed.',
  agent: 'debug',
  files: {
    'run.js': "const { load } = require('./load.js')\nconsole.log(load('{\"a\":1}').a)\n",
    'load.js': 'exports.load = (text) => JSON.parse(text.trim)\n',
  },
  allow: ['execute_command(node run.js)', 'edit_file(load.js)', 'switch_mode'],
  check({ workspace }) {
    const { code, output } = workspace.run('node', 'run.js')
    must(code === 0 && output.trim() === '1', `it does not run: ${output.slice(0, 200)}`)
  },
  *script() {
    const ran = yield calls(call('execute_command', { command: 'node run.js' }))
    must(ran.results.join().includes('SyntaxError'), 'the error is not in the result')
    yield calls(call('read_file', { path: 'load.js' }))
    const before = yield calls(
      call('switch_mode', { mode: 'coder', reason: 'load.js passes text.trim without calling it' }),
    )
    must(before.tools.includes('edit_file'), 'the coder cannot edit')
    yield calls(call('edit_file', { path: 'load.js', edits: [{ old_text: 'text.trim)', new_text: 'text.trim())' }] }))
    yield calls(call('execute_command', { command: 'node run.js' }))
    yield say('`load.js` passed the function `text.trim` itself. It calls it now, and `node run.js` prints 1.')
  },
}
