import { parseArgs } from 'node:util'
import { type Outcome, play } from './play.ts'
import { tasks } from './tasks/index.ts'

/** `npm run eval [-- --task NAME] [-- --scripted]`: every task, with the model that the environment names, else with the scripted ones. */
const { values } = parseArgs({ options: { task: { type: 'string' }, scripted: { type: 'boolean', default: false } } })
const chosen = tasks.filter((task) => values.task === undefined || task.name === values.task)
if (chosen.length === 0) {
  console.error(`No task "${values.task}". There are: ${tasks.map((task) => task.name).join(', ')}`)
  process.exit(2)
}
const settings = values.scripted ? undefined : modelSettings(process.env)
console.log(
  settings ? `Model: ${settings['CODELAB_MODEL'] ?? 'the default of its provider'}` : 'Model: scripted, at its worst',
)

const outcomes: Outcome[] = []
for (const task of chosen) {
  const outcome = await play(task, settings)
  outcomes.push(outcome)
  console.log(line(outcome))
}
const failed = outcomes.filter((outcome) => !outcome.passed).length
console.log(`\n${outcomes.length - failed} of ${outcomes.length} done`)
process.exitCode = failed === 0 ? 0 : 1

/** What names a model, of the environment; undefined when nothing does. */
function modelSettings(env: NodeJS.ProcessEnv): Record<string, string> | undefined {
  const names = /^(?:OPENAI_|ANTHROPIC_|CODELAB_MODEL|AGENT_RUNTIME__(?:LLM|INTERNAL_API_KEY))/
  const found = Object.entries(env).filter(([name, value]) => names.test(name) && value)
  const hasModel = found.some(([name]) => /_API_KEY|_BASE_URL|LLM_PROXY_URL/.test(name))
  return hasModel ? Object.fromEntries(found.map(([name, value]) => [name, value ?? ''])) : undefined
}

function line({ task, passed, reason, seconds, calls, tokens }: Outcome): string {
  const figures = `${calls} calls  ${seconds.toFixed(1)} s${tokens ? `  ${tokens.in} in, ${tokens.cached} cached, ${tokens.out} out` : ''}`
  const head = `${passed ? '✓' : '✗'} ${task.name.padEnd(22)} ${task.title.padEnd(58)} ${figures}`
  return passed ? head : `${head}\n    ${reason.replaceAll('\n', '\n    ')}`
}
