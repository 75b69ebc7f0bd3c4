import { call, calls, must, say, type Task } from '../task.ts'

export const task: Task = {
  name: 'find-where',
  title: 'Finds a place; the model writes its call as text',
  request: 'Where is the discount computed?',
  agent: 'ask',
  files: {
    'src/price.js': 'export function price(item) {\n  return item.cents - discountOf(item)\n}\n',
    'src/discount.js': 'export function discountOf(item) {\n  return item.count > 10 ? item.cents / 10 : 0\n}\n',
    'node_modules/left/index.js': 'export const discountOf = 1\n',
    '.gitignore': 'node_modules\n',
  },
  check({ answer, calls: made }) {
    must(answer.includes('src/discount.js'), 'the answer does not name the place')
    must(
      made.some((one) => one.tool === 'search_in_code' && one.ok),
      'the call that was written as text was not made',
    )
  },
  *script() {
    const found = yield say(
      '<tool_call>\n{"name": "search_in_code", "arguments": {"query": "discountOf"}}\n</tool_call>',
    )
    must(found.results.length === 1, 'a call that was written as text has no result')
    must(found.results.join().includes('src/discount.js'), 'the search does not find it')
    must(!found.results.join().includes('node_modules'), 'the search does not honour .gitignore')
    yield calls(call('read_file', { path: 'src/discount.js' }))
    yield say('In `discountOf`, `src/discount.js` line 1: a tenth above ten items.')
  },
}
