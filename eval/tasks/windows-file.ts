import { call, calls, must, say, type Task } from '../task.ts'

const file = '\uFEFFnamespace Shop\r\n{\r\n\tclass Order\r\n\t{\r\n\t\tint count = 1;   \r\n\t}\r\n}'

export const task: Task = {
  name: 'windows-file',
  title: 'CRLF, a byte order mark, tabs, no last newline: all are kept',
  request: 'In Order.cs set count to 2.',
  agent: 'coder',
  files: { 'Order.cs': file },
  allow: ['edit_file(Order.cs)'],
  check({ workspace }) {
    must(
      workspace.read('Order.cs') === file.replace('count = 1;   ', 'count = 2;'),
      `Order.cs is ${JSON.stringify(workspace.read('Order.cs'))}`,
    )
  },
  *script() {
    yield calls(call('read_file', { path: 'Order.cs' }))
    // Spaces for tabs, LF for CRLF, no trailing blanks: as models write it.
    const edit = { old_text: '    {\n        int count = 1;\n    }', new_text: '    {\n        int count = 2;\n    }' }
    const tried = yield calls(call('edit_file', { path: 'Order.cs', edits: [edit] }))
    if (/\b(?:not found|no match|nothing|nearest)\b/i.test(tried.results.join())) {
      yield calls(
        call('edit_file', {
          path: 'Order.cs',
          edits: [{ old_text: '\t\tint count = 1;   ', new_text: '\t\tint count = 2;' }],
        }),
      )
    }
    yield say('`count` is 2.')
  },
}
