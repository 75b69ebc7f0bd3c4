import { call, calls, must, say, type Task } from '../task.ts'

const sum = `/** The sum of the prices, in cents. */
export function total(items) {
  let cents = 0
  for (let i = 1; i < items.length; i++) {
    cents += items[i].price * items[i].count
  }
  return cents
}
`
const test = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { total } from '../src/total.js'

test('adds every item', () => {
  assert.equal(total([{ price: 100, count: 2 }, { price: 50, count: 1 }]), 250)
})
test('is nothing for nothing', () => assert.equal(total([]), 0))
`

export const task: Task = {
  name: 'fix-failing-test',
  title: 'Fixes a failing test; the model misremembers the old text',
  request: 'npm test fails. Find out why and fix the code, not the test.',
  agent: 'coder',
  files: {
    'package.json': '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }\n',
    'src/total.js': sum,
    'test/total.test.js': test,
  },
  allow: ['execute_command(npm test*)', 'edit_file(src/**)'],
  check({ workspace }) {
    must(workspace.run('node', '--test').code === 0, 'the tests fail')
    must(workspace.read('test/total.test.js') === test, 'the test was changed')
  },
  *script() {
    const failing = yield calls(call('execute_command', { command: 'npm test' }))
    must(
      failing.results.join().includes('not ok') || /fail/i.test(failing.results.join()),
      'the output names no failure',
    )
    yield calls(call('read_file', { path: 'src/total.js' }))
    const oldText = '  for (let i = 1; i <= items.length; i += 1) {\n    cents += items[i].price;\n  }'
    const newText = '  for (let i = 0; i < items.length; i++) {\n    cents += items[i].price * items[i].count\n  }'
    const refused = yield calls(
      call('edit_file', { path: 'src/total.js', edits: [{ old_text: oldText, new_text: newText }] }),
    )
    const shown = refused.results.join()
    must(shown.includes('for (let i = 1; i < items.length; i++) {'), `the nearest region is not shown: ${shown}`)
    const edit = {
      old_text: '  for (let i = 1; i < items.length; i++) {',
      new_text: '  for (let i = 0; i < items.length; i++) {',
    }
    yield calls(call('edit_file', { path: 'src/total.js', edits: [edit] }))
    yield calls(call('execute_command', { command: 'npm test' }))
    yield say('The loop began at 1 and left the first item out. `src/total.js` is mended, both tests pass.')
  },
}
