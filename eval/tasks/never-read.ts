import { call, calls, must, say, type Task } from '../task.ts'

const readme = '# Orders\n\nTakes orders.\n\n## Licence\n\nMIT\n'

export const task: Task = {
  name: 'never-read',
  title: 'The model overwrites a file that it never read',
  request: 'Add a section "Install" with `npm install` to README.md.',
  agent: 'coder',
  files: { 'README.md': readme },
  allow: ['write_file(README.md)', 'edit_file(README.md)'],
  check({ workspace }) {
    const text = workspace.read('README.md') ?? ''
    must(text.includes('## Licence') && text.includes('Takes orders.'), 'what stood there is gone')
    must(text.includes('## Install') && text.includes('npm install'), 'the section is missing')
  },
  *script() {
    const refused = yield calls(
      call('write_file', { path: 'README.md', content: '# Readme\n\n## Install\n\n    npm install\n' }),
    )
    must(/read/i.test(refused.results.join()), `it was overwritten unread: ${refused.results.join()}`)
    yield calls(call('read_file', { path: 'README.md' }))
    const edit = { old_text: '## Licence\n', new_text: '## Install\n\n    npm install\n\n## Licence\n' }
    yield calls(call('edit_file', { path: 'README.md', edits: [edit] }))
    yield say('`README.md` has a section "Install" now.')
  },
}
