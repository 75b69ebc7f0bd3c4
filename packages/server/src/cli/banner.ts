import { type Config, DEFAULT_KEY, isLoopback, type LoadedConfig, type ModelChoice, productVersion } from '../config.ts'
import { databaseText } from './database.ts'
import type { Style } from './style.ts'
import { counted } from './text.ts'

/** What a start has to say for itself. */
export interface StartFacts {
  readonly version: string
  readonly readyMs: number
  readonly database: { readonly path: string; readonly created: boolean; readonly sessions: number }
  readonly model: {
    readonly kind: ModelChoice['kind']
    readonly id?: string
    readonly via?: string
    /** Ids of those that are asked when it is away. */
    readonly fallback?: readonly string[]
    /** Aliases of those that can be named besides. */
    readonly others?: readonly string[]
  }
  /** Where a program of this machine reaches the server, without a slash at the end. */
  readonly url: string
  /** The web console's address, when there is one. */
  readonly console?: string
  readonly access: {
    readonly host: string
    readonly loopback: boolean
    readonly defaultKey: boolean
    readonly keySource: string
  }
  readonly resumed: { readonly turns: number; readonly approvals: number }
}

/** What only the running server knows; `port` is the one that it really has. */
export interface Started {
  readonly readyMs: number
  readonly port: number
  readonly created: boolean
  readonly sessions: number
  readonly resumed: StartFacts['resumed']
}

export function startFacts({ config, entries }: LoadedConfig, started: Started, cwd: string): StartFacts {
  const key = entries.find(({ name }) => name === 'CODELAB_INTERNAL_API_KEY')
  return {
    version: productVersion,
    readyMs: started.readyMs,
    database: { path: databaseText(config.database, cwd), created: started.created, sessions: started.sessions },
    model: modelFacts(config.models),
    url: localUrl(config.host, started.port),
    access: {
      host: config.host,
      loopback: isLoopback(config.host),
      defaultKey: config.keys.includes(DEFAULT_KEY),
      keySource: (key?.source ?? 'default').replace(/(:\d+)+$/, ''),
    },
    resumed: started.resumed,
  }
}

/** The banner of a start, for a terminal; ends with a line break. Without a terminal log `startFacts` as one line instead. */
export function renderBanner(facts: StartFacts, style: Style): string {
  const name = `CodeLab Agent Runtime ${facts.version}`
  const ready = `ready in ${Math.round(facts.readyMs)} ms`
  const gap = Math.max(2, Math.min(style.width, 80) - 10 - name.length - ready.length)
  const { path, created, sessions } = facts.database
  return [
    '',
    ` ━━━━━━   ${style.bold(name)}${' '.repeat(gap)}${style.dim(ready)}`,
    ` ━━━━     ${style.dim(`SQLite ${path}, ${created ? 'created' : counted(sessions, 'session')}`)}`,
    ` ━━ ${style.accent('●')}     ${modelLine(facts, style)}`,
    '',
    ...(facts.console === undefined ? [] : [row('Console', style.accent(facts.console))]),
    row('API', style.accent(`${facts.url}/docs`)),
    row('Chat', `codelab chat          ${style.dim('(in a folder of yours)')}`),
    '',
    row('Access', accessLine(facts)),
    ...resumedLine(facts),
    ...(facts.model.kind === 'demo' ? ['', ...modelHint] : []),
    '',
  ].join('\n')
}

/** The model that answers by default as a person would name it: its id, who serves it, who is asked when it is away. */
export function modelFacts([{ choice, fallback }, ...others]: Config['models']): StartFacts['model'] {
  if (choice.kind === 'demo') return { kind: 'demo' }
  const ids = fallback.flatMap((alias) => {
    const next = others.find((entry) => entry.alias === alias)?.choice
    return next && next.kind !== 'demo' ? [next.model] : []
  })
  return {
    kind: choice.kind,
    id: choice.model,
    via: providerName(choice),
    ...(ids.length > 0 ? { fallback: ids } : {}),
    ...(others.length > 0 ? { others: others.map(({ alias }) => alias) } : {}),
  }
}

/** `claude-sonnet-4-5 via anthropic, fallback qwen3-coder`. */
export function modelText({ id, via, fallback = [] }: StartFacts['model']): string {
  return [`${id} via ${via}`, ...(fallback.length > 0 ? [`fallback ${fallback.join(', ')}`] : [])].join(', ')
}

export function providerName(model: ModelChoice): string {
  if (model.kind === 'llm-proxy') return 'LLM Proxy'
  if (model.kind !== 'openai-compatible') return model.kind
  const { host } = new URL(model.url)
  return host === 'api.openai.com' ? 'openai' : host
}

/** An address that works on this machine: a server on all addresses is named by the loopback one. */
export function localUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

const modelHint = [
  '  For a real model set one of these and start again:',
  '    OPENAI_API_KEY        and OPENAI_BASE_URL for a compatible server',
  '    ANTHROPIC_API_KEY',
  '    AGENT_RUNTIME__LLM_PROXY_URL',
]

function row(name: string, text: string): string {
  return `  ${name.padEnd(10)}${text}`
}

function modelLine({ model }: StartFacts, style: Style): string {
  if (model.kind === 'demo') return style.bold('demo model: a few rules, no language model')
  return style.dim(modelText(model))
}

function accessLine({ access }: StartFacts): string {
  if (access.defaultKey) return `the default key, accepted on ${access.host} only`
  const reach = access.loopback ? 'loopback only' : `open to others on ${access.host}`
  return `internal key from ${access.keySource}, ${reach}`
}

function resumedLine({ resumed }: StartFacts): string[] {
  const parts = [
    ...(resumed.turns > 0 ? [`${counted(resumed.turns, 'turn')} that the last stop had cut`] : []),
    ...(resumed.approvals > 0
      ? [`${counted(resumed.approvals, 'approval')} ${resumed.approvals === 1 ? 'waits' : 'wait'}`]
      : []),
  ]
  return parts.length === 0 ? [] : [row('Resumed', parts.join(', '))]
}
