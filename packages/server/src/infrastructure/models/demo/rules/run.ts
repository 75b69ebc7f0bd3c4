import { stripVTControlCharacters } from 'node:util'
import { languageOfFile } from '../languages.ts'
import { contentOf, filesOf, isObject, type ListedFile, numberIn, stringIn, type ToolOutcome } from '../outcome.ts'
import { asPath, type Request } from '../request.ts'
import { call, fenced, type Rule, type Script } from '../script.ts'
import { type Texts, textsFor } from '../texts.ts'

type Task = keyof Texts['tasks']

const verb = /^(?:run|execute|запусти(?:те|ть)?|выполни(?:те|ть)?|прогони(?:те)?)\s+(.+)$/isu
const quotedVerb =
  /(?:\b(?:run|execute|start|launch|try)\b|запусти|выполни|прогони)[^\ue000-\ue0c7]*([\ue000-\ue0c7])/iu
const naming =
  /^(?:the\s+|this\s+|эту\s+)?(?:following\s+)?(?:shell\s+)?(?:command|команду|скрипт|script|file|файл|program|программу)\s*:?\s+/iu
const telling =
  /[,;]?\s+(?:and|then|и|а\s+затем|затем|потом)\s+(?:then\s+)?(?:show|tell|quote|print|report|give|say|let|see|what|покажи|скажи|процитируй|выведи|приведи|сообщи|расскажи)(?![\p{L}])[\s\S]*$/iu
const closing = /[,\s]+(?:please|for me|пожалуйста)[.!]*$/iu
const tasks: Readonly<Record<Task, RegExp>> = {
  test: /^(?:all\s+)?(?:of\s+)?(?:the\s+|my\s+|our\s+|its\s+)?(?:project(?:'s)?\s+)?(?:unit\s+)?tests?(?:\s+suite)?(?:\s+(?:in|of|for)\s+(?:this|the)\s+\w+)?$|^(?:все\s+|мои\s+|наши\s+)?(?:юнит-)?тест(?:ы|ов)?(?:\s+(?:этого\s+)?проекта|\s+в\s+проекте)?$/iu,
  build: /^(?:the\s+|a\s+)?(?:project\s+)?build$|^(?:сборку|билд)(?:\s+проекта)?$/iu,
  lint: /^(?:the\s+)?(?:lint(?:er)?|linting)$|^линтер$/iu,
}
// "Run away" and "execute the plan" are no commands; neither is Russian prose.
const prose =
  /^(?:the|an?|this|that|it|its|my|our|all|away|out|into|through|some|them|everything)(?:\s|$)|^[\p{Script=Cyrillic}\s,.-]+$/iu

/** Run a command and quote what it printed. */
export const run: Rule = {
  name: 'run',
  agent: 'coder',
  match(request) {
    const { masked, plain } = request
    const quoted = quotedVerb.exec(masked)?.[1]
    const target = verb.exec(masked)?.[1]
    if (quoted !== undefined && (target === undefined || target.replace(naming, '').startsWith(quoted))) {
      return execute(request, plain(quoted).trim())
    }
    if (target === undefined) return undefined
    const asked = target
      .replace(telling, '')
      .replace(closing, '')
      .replace(/(?<=[^\s.])[.!?]+$/, '')
      .trim()
    const task = (Object.keys(tasks) as Task[]).find((name) => tasks[name].test(asked))
    if (task) return findAndExecute(request, task)
    const command = plain(asked.replace(naming, '')).trim()
    // A line of several words is a command, also where its last word is a file.
    const path = /\s/.test(command) ? undefined : asPath(command)
    if (path !== undefined && !command.startsWith('./'))
      return execute(request, languageOfFile(path)?.run?.(path) ?? command)
    return command === '' || prose.test(command) ? undefined : execute(request, command)
  },
}

function* findAndExecute(request: Request, task: Task): Script {
  const t = textsFor(request)
  const files = filesOf(yield* call('list_files', { path: '.' }, { say: t.looking }))
  let scripts: readonly string[] = []
  if (files.some(({ name }) => name === 'package.json')) {
    scripts = scriptsOf(yield* call('read_file', { path: 'package.json' }, { mayFail: true }))
  }
  const command = commandFor(task, files, scripts)
  return command === undefined ? t.noTask(t.tasks[task]) : yield* execute(request, command)
}

const commands: Readonly<Record<string, Partial<Record<Task, string>>>> = {
  'Cargo.toml': { test: 'cargo test', build: 'cargo build', lint: 'cargo clippy' },
  'go.mod': { test: 'go test ./...', build: 'go build ./...', lint: 'go vet ./...' },
  'pubspec.yaml': { test: 'flutter test', lint: 'dart analyze' },
  'pyproject.toml': { test: 'python3 -m pytest', lint: 'ruff check' },
  'pytest.ini': { test: 'python3 -m pytest' },
  'pom.xml': { test: 'mvn test', build: 'mvn package' },
  'build.gradle': { test: 'gradle test', build: 'gradle build' },
  Makefile: { test: 'make test', build: 'make', lint: 'make lint' },
}

function commandFor(task: Task, files: readonly ListedFile[], scripts: readonly string[]): string | undefined {
  if (scripts.includes(task)) return task === 'test' ? 'npm test' : `npm run ${task}`
  const found = Object.entries(commands).find(
    ([name, known]) => known[task] && files.some((file) => file.name === name),
  )
  return found?.[1][task]
}

function scriptsOf(outcome: ToolOutcome): string[] {
  try {
    const manifest: unknown = JSON.parse(contentOf(outcome))
    return isObject(manifest) && isObject(manifest['scripts']) ? Object.keys(manifest['scripts']) : []
  } catch {
    return []
  }
}

const needsShell = /[|&;<>$*?`~(){}\n]/
const mostLines = 40

function* execute(request: Request, command: string): Script {
  const t = textsFor(request)
  const args = needsShell.test(command) ? { command, shell: true } : { command }
  const outcome = yield* call('execute_command', args, { say: t.running(command) })
  const { data, text } = outcome
  const done = stringIn(outcome.ran ?? data, 'command') || command
  const code = numberIn(data, 'exit_code', 'exitCode', 'code')
  const streams = 'stdout' in data || 'stderr' in data || code !== undefined
  const output = streams
    ? stringIn(data, 'stdout', 'output')
    : Object.keys(data).length > 0
      ? stringIn(data, 'output', 'response')
      : text
  const errors = stringIn(data, 'stderr')
  const head =
    data['timed_out'] === true ? t.timedOut(done) : code === undefined ? t.ranUnknown(done) : t.ran(done, String(code))
  const parts = [head]
  if (output.trim() !== '') parts.push(...quote(t, output))
  if (errors.trim() !== '') parts.push(t.errorOutput, ...quote(t, errors))
  if (parts.length === 1) parts.push(t.noOutput)
  return parts.join('\n\n')
}

function quote(t: Texts, output: string): string[] {
  // Colours and cursor movements of a terminal are no part of the text.
  const plain = stripVTControlCharacters(output).replaceAll('\r\n', '\n').trimEnd()
  const lines = plain.split('\n')
  if (lines.length <= mostLines) return [fenced(plain)]
  return [t.lastLines(mostLines), fenced(lines.slice(-mostLines).join('\n'))]
}
