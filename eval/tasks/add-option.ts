import { call, calls, must, say, type Task } from '../task.ts'

const greet = `export function greet(name) {
  return \`Hello \${name}\`
}
`
const test = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet } from './greet.js'

test('greets', () => assert.equal(greet('Ada'), 'Hello Ada'))
`
const newTest = "\ntest('shouts', () => assert.equal(greet('Ada', { loud: true }), 'HELLO ADA'))\n"

export const task: Task = {
  name: 'add-option',
  title: 'Adds an option with its test; the model is cut in the middle of a call',
  request: 'Add an option { loud: true } to greet that makes it upper case, with a test.',
  agent: 'coder',
  files: {
    'package.json': '{ "type": "module", "scripts": { "test": "node --test" } }\n',
    'greet.js': greet,
    'greet.test.js': test,
  },
  allow: ['edit_file(*.js)', 'execute_command(npm test)'],
  check({ workspace }) {
    must(workspace.run('node', '--test').code === 0, 'the tests fail')
    must((workspace.read('greet.test.js') ?? '').startsWith(test), 'the old test is gone')
    const loud = "import('./greet.js').then(m => process.exit(m.greet('a', { loud: true }) === 'HELLO A' ? 0 : 1))"
    must(workspace.run('node', '-e', loud).code === 0, 'the option does nothing')
  },
  *script() {
    yield calls(call('read_file', { path: 'greet.js' }), call('read_file', { path: 'greet.test.js' }))
    const half =
      '{"path": "greet.js", "content": "export function greet(name, { loud = false } = {}) {\\n  const text = '
    const cut = yield { calls: [{ tool: 'write_file', json: half }], finish: 'length' }
    must(
      /cut at the output limit/.test(cut.results.join()),
      `the model is not told that it was cut: ${cut.results.join()}`,
    )
    yield calls(
      call('edit_file', {
        path: 'greet.js',
        edits: [
          { old_text: 'greet(name) {', new_text: 'greet(name, { loud = false } = {}) {' },
          {
            old_text: '  return `Hello ${name}`',
            new_text: '  const text = `Hello ${name}`\n  return loud ? text.toUpperCase() : text',
          },
        ],
      }),
    )
    const last = "test('greets', () => assert.equal(greet('Ada'), 'Hello Ada'))\n"
    yield calls(call('edit_file', { path: 'greet.test.js', edits: [{ old_text: last, new_text: last + newTest }] }))
    const tested = yield calls(call('execute_command', { command: 'npm test' }))
    must(
      /exit(?:ed)?(?: code)?:? ?0/i.test(tested.results.join()),
      `the tests did not pass: ${tested.results.join().slice(0, 400)}`,
    )
    yield say('`greet` takes `{ loud: true }` now; both tests pass.')
  },
}
