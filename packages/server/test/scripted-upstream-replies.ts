import { createHash } from 'node:crypto'

/** What the scripted model answers: a pure function of the messages, except `#flaky`, which counts. The words are those of the recordings. */
export interface ToolCall {
  readonly id?: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface Answer {
  readonly kind: 'answer'
  readonly content: unknown
  readonly toolCalls?: readonly ToolCall[]
  readonly functionCall?: { readonly name: string; readonly arguments: string }
  readonly usage?: false
  readonly delayMs?: number
}

export type Reply =
  | Answer
  | { readonly kind: 'failure'; readonly status: number; readonly message: string }
  | { readonly kind: 'raw'; readonly body: string }
  | { readonly kind: 'no-choices' }
  | { readonly kind: 'drop' }

export interface ChatMessage {
  readonly role: string
  readonly content?: unknown
  readonly tool_calls?: readonly unknown[] | null
}

const classifierStart = 'You are a task classifier'

const tools: Readonly<Record<string, { readonly name: string; readonly args: Readonly<Record<string, string>> }>> = {
  write_file: { name: 'write_file', args: { path: 'src/hello.py', content: "print('hello')\n" } },
  write_md: { name: 'write_file', args: { path: 'docs/plan.md', content: '# Plan\n' } },
  read_file: { name: 'read_file', args: { path: 'README.md' } },
  list_files: { name: 'list_files', args: { path: '.' } },
  search_in_code: { name: 'search_in_code', args: { query: 'TODO' } },
  create_directory: { name: 'create_directory', args: { path: 'src/new' } },
  execute_command: { name: 'execute_command', args: { command: 'ls -la' } },
  delete_file: { name: 'delete_file', args: { path: 'src/hello.py' } },
  echo: { name: 'echo', args: { text: 'hi' } },
  attempt_completion: { name: 'attempt_completion', args: { result: 'All done' } },
  ask_followup_question: { name: 'ask_followup_question', args: { question: 'Which file?' } },
  switch_mode: { name: 'switch_mode', args: { mode: 'coder', reason: 'needs code changes' } },
  switch_mode_ask: { name: 'switch_mode', args: { mode: 'ask', reason: 'just a question' } },
  switch_mode_orchestrator: { name: 'switch_mode', args: { mode: 'orchestrator', reason: 'reroute please' } },
  switch_mode_bad: { name: 'switch_mode', args: { mode: 'wizard', reason: 'no such mode' } },
  unknown_tool: { name: 'launch_rocket', args: { path: 'README.md' } },
}

const texts: Readonly<Record<string, unknown>> = {
  stream: 'One two three four five six seven eight nine ten.',
  long: Array.from({ length: 200 }, (_, i) => `word${i}`).join(' '),
  unicode: 'Привет, мир! 你好 🚀 "quotes" \\ back\nnew line',
  null_content: null,
  empty_content: '',
  list_content: [{ content: 'text in a list' }],
}

/** The routing call: it offers no tools, and its system prompt says what it is. */
export function isClassifierCall(body: {
  readonly messages: readonly ChatMessage[]
  readonly tools?: unknown
}): boolean {
  const first = body.messages[0]
  return body.tools === undefined && first?.role === 'system' && textOf(first.content).startsWith(classifierStart)
}

/** The user's words inside the routing prompt; the whole prompt when it does not mark them. */
export function classifiedText(messages: readonly ChatMessage[]): string {
  const prompt = lastUser(messages).text
  const start = prompt.indexOf('User request: ')
  const end = prompt.lastIndexOf('\n\nResponse (JSON only):')
  return start < 0 || end < start ? prompt : prompt.slice(start + 'User request: '.length, end)
}

export function classify(messages: readonly ChatMessage[]): Reply {
  const word = /@([a-z0-9_]+)/.exec(classifiedText(messages))?.[1] ?? 'coder'
  const verdict = (agent: string) => JSON.stringify({ agent, confidence: 'high', reasoning: `scripted: ${agent}` })
  if (word === 'classify500') return { kind: 'failure', status: 500, message: 'scripted classifier failure' }
  if (word === 'badjson') return { kind: 'answer', content: 'I think the coder should do it.' }
  if (word === 'fenced') return { kind: 'answer', content: `\`\`\`json\n${verdict('architect')}\n\`\`\`` }
  return { kind: 'answer', content: verdict(word) }
}

/** Counts the requests with one user text, for `#flaky`. */
export type Attempts = Map<string, number>

export function answer(messages: readonly ChatMessage[], attempts: Attempts): Reply {
  const user = lastUser(messages)
  const match = /#([a-z0-9_]+)(?::([a-z0-9_,]+))?/.exec(user.text)
  const word = match?.[1] ?? 'plain'
  const argument = match?.[2] ?? ''
  if (word in texts) return { kind: 'answer', content: texts[word] }
  switch (word) {
    case 'count': {
      const roles = messages.map((message) => message.role[0]).join('')
      return { kind: 'answer', content: `messages=${messages.length} roles=${roles}` }
    }
    case 'echo_last':
      return { kind: 'answer', content: `You said: ${user.text}` }
    case 'no_usage':
      return { kind: 'answer', content: 'No usage here.', usage: false }
    case 'slow':
      return { kind: 'answer', content: 'Slow answer.', delayMs: Number(argument) }
    case 'empty_choices':
      return { kind: 'no-choices' }
    case 'not_json':
      return { kind: 'raw', body: 'this is not json' }
    case 'drop':
      return { kind: 'drop' }
    case 'error': {
      const status = argument === '' ? 500 : Number(argument)
      return { kind: 'failure', status, message: `scripted failure ${status}` }
    }
    case 'flaky': {
      const made = (attempts.get(user.text) ?? 0) + 1
      attempts.set(user.text, made)
      if (made <= Number(argument)) return { kind: 'failure', status: 503, message: 'scripted busy' }
      return { kind: 'answer', content: `Recovered after ${made} attempts.` }
    }
    default:
      return callTools(word, argument, messages, user) ?? { kind: 'answer', content: 'Hello from the scripted model.' }
  }
}

interface LastUser {
  readonly text: string
  readonly after: readonly ChatMessage[]
}

function callTools(
  word: string,
  argument: string,
  messages: readonly ChatMessage[],
  user: LastUser,
): Reply | undefined {
  const results = user.after.filter((message) => message.role === 'tool')
  const made = messages.reduce((sum, message) => sum + (message.tool_calls?.length ?? 0), 0)
  const hash = createHash('sha1').update(user.text, 'utf8').digest('hex').slice(0, 6)
  const call = (tool: string, n = 1, args?: string): ToolCall => {
    const row = tools[tool] ?? { name: tool, args: {} }
    const body = { name: row.name, arguments: args ?? JSON.stringify(row.args) }
    return { id: `call_${row.name}_${made + n}_${hash}`, type: 'function', function: body }
  }
  const say = (content: unknown, ...toolCalls: ToolCall[]): Reply => ({ kind: 'answer', content, toolCalls })
  const done = (): Reply => {
    const last = textOf(results.at(-1)?.content).slice(0, 200)
    return { kind: 'answer', content: `Done after ${results.length} tool result(s). Last: ${last}` }
  }
  if (word === 'chain') {
    const next = argument.split(',')[results.length]
    return next === undefined || next === '' ? done() : say(null, call(next))
  }
  const first: (() => Reply) | undefined = {
    text_and_tool: () => say('Let me read it.', call('read_file')),
    two_tools: () => say(null, call('read_file'), call('list_files', 2)),
    malformed: () => say(null, call('read_file', 1, '{"path": "README.md"')),
    args_array: () => say(null, call('read_file', 1, '["README.md"]')),
    no_args: () => say(null, call('list_files', 1, '')),
    no_name: () => say('nameless', { ...call('read_file'), function: { name: '', arguments: '{}' } }),
    no_id: () => say(null, { type: 'function', function: call('read_file').function }),
    fixed_id: () => say(null, { ...call('write_file'), id: 'call_fixed' }),
    function_call: (): Reply => ({ kind: 'answer', content: null, functionCall: call('read_file').function }),
  }[word]
  const start = first ?? (word in tools ? () => say(null, call(word)) : undefined)
  return start === undefined || results.length === 0 ? start?.() : done()
}

function lastUser(messages: readonly ChatMessage[]): LastUser {
  const index = messages.findLastIndex((message) => message.role === 'user')
  return { text: textOf(messages[index]?.content), after: messages.slice(index + 1) }
}

/** A list content counts as its `text` or `content` parts joined. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { text?: string; content?: string }) => part.text ?? part.content ?? '').join('')
}
