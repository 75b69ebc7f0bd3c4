import { call, calls, must, say, type Task } from '../task.ts'

const program = `for (let i = 1; i <= 20000; i++) console.log('line ' + i + (i === 9137 ? ' NEEDLE here' : ' nothing to see'))
`

export const task: Task = {
  name: 'long-output',
  title: 'What is cut out of a long output can still be read',
  request: 'Run node noise.js and tell me on which line the NEEDLE is.',
  agent: 'coder',
  files: { 'noise.js': program },
  allow: ['execute_command(node noise.js)'],
  check({ answer }) {
    must(answer.includes('9137'), 'the line was not found')
  },
  *script() {
    const ran = yield calls(call('execute_command', { command: 'node noise.js' }))
    const shown = ran.results.join()
    must(shown.length < 40_000, `the model got ${shown.length} characters`)
    must(shown.includes('line 20000'), 'the end of the output is missing')
    must(!shown.includes('NEEDLE'), 'the output was not cut')
    const [next] = /read_artifact[^{]*(\{[^}]*\})/.exec(shown)?.slice(1) ?? []
    must(next !== undefined, `the next call is not told: ${shown.slice(0, 300)}`)
    const { call_id: id } = JSON.parse(next) as { call_id: string }
    const read = yield calls(call('read_artifact', { call_id: id, start_line: 9000, end_line: 9200 }))
    must(
      read.results.join().includes('NEEDLE'),
      `the needle is not in the full text: ${read.results.join().slice(0, 300)}`,
    )
    yield say('The NEEDLE is on line 9137.')
  },
}
