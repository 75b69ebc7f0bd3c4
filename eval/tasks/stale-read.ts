import { call, calls, must, say, type Task } from '../task.ts'

const config = 'port = 8080\nhost = "localhost"\n'
const meanwhile = 'port = 8080\nhost = "localhost"\ntls = true\n'

export const task: Task = {
  name: 'stale-read',
  title: 'The person saves the file between the read and the write',
  request: 'Set the port in app.toml to 9090.',
  agent: 'coder',
  files: { 'app.toml': config },
  allow: ['write_file(app.toml)', 'edit_file(app.toml)'],
  meanwhile(workspace, request) {
    if (request === 2) workspace.write('app.toml', meanwhile)
  },
  check({ workspace }) {
    must(workspace.read('app.toml') === meanwhile.replace('8080', '9090'), `app.toml is ${workspace.read('app.toml')}`)
  },
  *script() {
    yield calls(call('read_file', { path: 'app.toml' }))
    const refused = yield calls(call('write_file', { path: 'app.toml', content: config.replace('8080', '9090') }))
    must(/changed/i.test(refused.results.join()), `a stale write was taken: ${refused.results.join()}`)
    yield calls(call('read_file', { path: 'app.toml' }))
    yield calls(call('edit_file', { path: 'app.toml', edits: [{ old_text: 'port = 8080', new_text: 'port = 9090' }] }))
    yield say('The port is 9090; `tls = true`, which you added meanwhile, is kept.')
  },
}
