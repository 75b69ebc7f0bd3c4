import { call, calls, must, say, type Task } from '../task.ts'

const handlers = Array.from({ length: 1_000 }, (_, i) => {
  return `export function handle${i}(request) {\n  const limit = 10\n  if (request.count > limit) throw new Error('too many')\n  return request.count + ${i}\n}`
}).join('\n')
const file = `${handlers}\n`

export const task: Task = {
  name: 'large-file',
  title: 'Edits one of 1,000 equal places in a file of 5,000 lines',
  request: 'In src/handlers.js the limit of handle612 must be 25. Only that one.',
  agent: 'coder',
  files: { 'src/handlers.js': file, 'package.json': '{ "type": "module" }\n' },
  allow: ['edit_file(src/**)'],
  check({ workspace }) {
    const before = 'export function handle612(request) {\n  const limit = 10\n'
    const after = before.replace('10', '25')
    must(workspace.read('src/handlers.js') === file.replace(before, after), 'not exactly that one line was changed')
  },
  *script() {
    const found = yield calls(call('search_in_code', { query: 'function handle612' }))
    must(found.results.join().includes('3061'), `the search does not tell the line: ${found.results.join()}`)
    const whole = yield calls(call('read_file', { path: 'src/handlers.js' }))
    const shown = whole.results.join()
    must(shown.length < 80_000, `a read gave ${shown.length} characters`)
    must(/start_line/.test(shown), 'a cut read does not tell the next call')
    const read = yield calls(call('read_file', { path: 'src/handlers.js', start_line: 3055, end_line: 3070 }))
    must(read.results.join().includes('handle612'), 'the lines that were asked for are not there')
    const many = yield calls(
      call('edit_file', {
        path: 'src/handlers.js',
        edits: [{ old_text: '  const limit = 10', new_text: '  const limit = 25' }],
      }),
    )
    must(
      /line/i.test(many.results.join()) && /1000|1,000|several|more than/i.test(many.results.join()),
      `many matches: ${many.results.join().slice(0, 300)}`,
    )
    const edit = {
      old_text: 'export function handle612(request) {\n  const limit = 10',
      new_text: 'export function handle612(request) {\n  const limit = 25',
    }
    yield calls(call('edit_file', { path: 'src/handlers.js', edits: [edit] }))
    yield say('The limit of `handle612` is 25.')
  },
}
