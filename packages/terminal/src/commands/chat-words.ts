import type { FoundServer } from '../server/find-server.ts'

/** The commands of a chat that begin with a slash. */
export const slashCommands = [
  ['/agent', 'answer as another agent, or list them: /agent coder, /agent auto'],
  ['/context', 'what the model is sent; /context prompt: that part whole'],
  ['/diff', 'what the last turn changed; /diff session: all of it'],
  ['/doctor', 'what is wrong with this installation'],
  ['/help', 'this list'],
  ['/keys', 'the keys'],
  ['/model', 'the models, or another one: /model ALIAS, /model auto'],
  ['/new', 'start another session'],
  ['/quit', 'leave'],
  ['/resume', 'go on with another session: /resume ID'],
  ['/rules', 'what may run without a question; /rules revoke ID'],
  ['/sessions', 'list the sessions of this folder'],
  ['/show', 'open the last call, or one by its id: /show ID'],
  ['/undo', 'take back what the last turn wrote'],
  ['/usage', 'tokens and cost of this session'],
] as const

const writing = [
  ['@path', 'names a file; Tab completes it'],
  ['!command', 'runs it here; its output goes to the model with your next message'],
  ['!!command', 'the same, and the model is not told'],
] as const

const keys = [
  ['Enter', 'send; while a turn runs: steer it'],
  ['Tab', 'complete; while a turn runs: steer or queue'],
  ['Alt-Enter, Ctrl-J', 'new line'],
  ['Up, Down, Ctrl-R', 'what was sent before, search in it'],
  ['Ctrl-C, Esc', 'stop the turn; Ctrl-C twice: leave'],
  ['Shift-Tab', 'accept file changes without asking, or ask again'],
  ['Ctrl-G', 'write the message in your editor'],
  ['Ctrl-O', 'open the last call'],
  ['Ctrl-D', 'leave, when the line is empty'],
  ['Ctrl-A Ctrl-E, Ctrl-W Ctrl-U Ctrl-K', 'start and end of the line; delete word, to start, to end'],
  ['Ctrl-L', 'draw again'],
  ['a e r l', 'in an approval: approve, edit, reject with a reason, always'],
] as const

const table = (rows: readonly (readonly [string, string])[], width: number) =>
  rows.map(([name, says]) => `${name.padEnd(width)}${says}`)

export function helpText(): string {
  return [...table(slashCommands, 12), '', ...table(writing, 12), '', '?  or /keys lists the keys'].join('\n')
}

export function keysText(): string {
  return table(keys, 38).join('\n')
}

const modelSettings =
  /^(OPENAI_API_KEY|OPENAI_BASE_URL|ANTHROPIC_API_KEY|AGENT_RUNTIME__LLM_PROXY_URL|AGENT_RUNTIME__LLM_MODEL|CODELAB_MODEL)(_FILE)?$/

/** What a person should know about the server that answers. */
export function serverNotes(server: FoundServer, env: Readonly<Record<string, string | undefined>>): string[] {
  const host = new URL(server.url).host
  const model = server.health.model ?? ''
  const here = Object.keys(env).find((name) => modelSettings.test(name) && env[name])
  const notes = server.isNew
    ? [`server started on ${host}, ends when idle`]
    : server.kind === 'own'
      ? []
      : [`server on ${host}`]
  if (model !== 'demo') return notes
  if (here && server.kind === 'own' && !server.isNew) {
    return [...notes, `${here} is set here, but the server that runs was started without it`]
  }
  return here ? notes : [...notes, 'a real one: set OPENAI_API_KEY or ANTHROPIC_API_KEY, start again']
}
