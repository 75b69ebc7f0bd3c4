import { call, calls, must, say, type Task } from '../task.ts'

const users = `import { fetchUser } from './api.js'

export async function greet(id) {
  const user = await fetchUser(id)
  return user ? \`Hello \${user.name}\` : fetchUser.name
}
`

export const task: Task = {
  name: 'rename-across-files',
  title: 'Renames in three files; the model edits one place twice',
  request: 'Rename fetchUser to loadUser everywhere.',
  agent: 'coder',
  files: {
    'src/api.js': 'export async function fetchUser(id) {\n  return { id, name: `user ${id}` }\n}\n',
    'src/users.js': users,
    'src/index.js': "export { fetchUser } from './api.js'\nexport { greet } from './users.js'\n",
    'package.json': '{ "type": "module" }\n',
  },
  allow: ['edit_file(src/**)'],
  check({ workspace }) {
    for (const path of ['src/api.js', 'src/users.js', 'src/index.js']) {
      const text = workspace.read(path) ?? ''
      must(!text.includes('fetchUser') && text.includes('loadUser'), `${path} was not renamed`)
    }
    must(
      workspace.read('src/users.js') === users.replaceAll('fetchUser', 'loadUser'),
      'src/users.js was changed otherwise',
    )
    must(workspace.run('node', '-e', "import('./src/index.js').then(m => m.greet(1))").code === 0, 'it does not run')
  },
  *script() {
    const found = yield calls(call('search_in_code', { query: 'fetchUser' }))
    for (const path of ['src/api.js', 'src/users.js', 'src/index.js']) {
      must(found.results.join().includes(path), `the search does not find ${path}`)
    }
    yield calls(
      call('read_file', { path: 'src/api.js' }),
      call('read_file', { path: 'src/users.js' }),
      call('read_file', { path: 'src/index.js' }),
    )
    const twice = yield calls(
      call('edit_file', {
        path: 'src/users.js',
        edits: [
          { old_text: '  const user = await fetchUser(id)\n', new_text: '  const user = await loadUser(id)\n' },
          {
            old_text: 'const user = await fetchUser(id)\n  return',
            new_text: 'const user = await loadUser(id)\n  return',
          },
        ],
      }),
    )
    must(/not|refused|error/i.test(twice.results.join()), `two edits of one place were taken: ${twice.results.join()}`)
    const rename = { old_text: 'fetchUser', new_text: 'loadUser', replace_all: true }
    for (const path of ['src/api.js', 'src/users.js', 'src/index.js']) {
      yield calls(call('edit_file', { path, edits: [rename] }))
    }
    yield say('Renamed in three files.')
  },
}
