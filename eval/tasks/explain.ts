import { call, calls, must, say, type Task } from '../task.ts'

export const task: Task = {
  name: 'explain',
  title: 'Explains a file under the instructions of the project',
  request: 'Explain queue.js.',
  agent: 'ask',
  files: {
    'AGENTS.md': 'Answer in one sentence. The word for an entry is "job".\n',
    'queue.js':
      'export class Queue {\n  #jobs = []\n  add(job) { this.#jobs.push(job) }\n  next() { return this.#jobs.shift() }\n}\n',
  },
  check({ answer, workspace }) {
    must(answer.includes('job'), 'the instructions were not followed')
    must(workspace.run('git', 'status', '--porcelain').output === '', 'a question changed files')
  },
  *script() {
    const seen = yield calls(call('read_file', { path: 'queue.js' }))
    must(
      seen.system.includes('The word for an entry is "job".'),
      'the model is not told the instructions of the project',
    )
    must(!seen.tools.includes('write_file'), 'ask may write')
    yield say('A queue that gives back each job in the order in which it was added.')
  },
}
