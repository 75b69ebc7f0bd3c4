import { call, calls, must, say, type Task } from '../task.ts'

export const task: Task = {
  name: 'plan',
  title: 'A plan is written; the architect may not touch code',
  request: 'Write a plan for splitting src/app.js into routes and services, into docs/plan.md.',
  agent: 'architect',
  files: { 'src/app.js': 'export const app = {}\n', 'docs/index.md': '# Docs\n' },
  allow: ['write_file(**)', 'edit_file(**)'],
  check({ workspace }) {
    must(workspace.read('src/app.js') === 'export const app = {}\n', 'code was changed')
    must(workspace.read('src/routes.js') === undefined, 'code was written')
    must((workspace.read('docs/plan.md') ?? '').length > 40, 'there is no plan')
  },
  *script() {
    yield calls(call('read_file', { path: 'src/app.js' }), call('list_files', { path: 'docs' }))
    const refused = yield calls(call('write_file', { path: 'src/routes.js', content: 'export const routes = []\n' }))
    must(refused.results.length === 1, 'a refused call has no result')
    yield calls(
      call('write_file', {
        path: 'docs/plan.md',
        content:
          '# Plan\n\n1. `src/routes.js`: one function a route.\n2. `src/services.js`: what they call.\n3. Tests first.\n',
      }),
    )
    yield say('The plan is in `docs/plan.md`.')
  },
}
