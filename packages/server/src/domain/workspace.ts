import { maskSecrets } from './secrets.ts'
import type { ClientProfile } from './session.ts'

export interface Instructions {
  readonly path: string
  /** Tells versions apart. */
  readonly version: string
  readonly text: string
}

/** What a client says of the workspace, as far as a model is told. Null and absent: it said nothing of it. */
export interface WorkspaceFacts {
  readonly client: string | null
  readonly parallelTools: boolean
  readonly limits: Readonly<Record<string, number>>
  readonly project: string | null
  readonly os: string | null
  readonly shell: string | null
  readonly date: string | null
  readonly branch: string | null
  readonly dirty: boolean
  readonly instructions: readonly Instructions[] | null
}

/** What a session tells its models of the workspace. */
export interface SessionWorkspace {
  /** From the first turn whose client said anything: part of every request, never changed (DESIGN 6). */
  readonly frozen: WorkspaceFacts | null
  /** What the model has been told by now, notes included; instructions without their texts. */
  readonly told: WorkspaceFacts | null
}

const instructionsLimit = 32 * 1024
/** A changed file that is longer is not repeated: the model is told to read it. */
const changedTextLimit = 8 * 1024
const mostFiles = 64
const mostNotes = 8
const noteLimit = 1024
const valueLimit = 200

/** The facts of a profile, bounded and with keys masked; undefined when there is no context in it. */
export function workspaceFacts(client: ClientProfile | null, salt: string): WorkspaceFacts | undefined {
  const context = client?.context
  if (!client || !context) return undefined
  const git = fieldsOf(context['git'])
  const value = (field: unknown) => (typeof field === 'string' && field.trim() !== '' ? oneLine(field, salt) : null)
  return {
    client: value(client.name),
    parallelTools: client.features.includes('parallel-tools'),
    limits: client.limits,
    project: value(fieldsOf(context['project'])['name']),
    os: value(context['os']),
    shell: value(context['shell']),
    date: value(context['date']),
    branch: value(git['branch']),
    dirty: git['dirty'] === true,
    instructions: readInstructions(context['instructions'], salt),
  }
}

function readInstructions(given: unknown, salt: string): Instructions[] | null {
  if (!Array.isArray(given)) return null
  let left = instructionsLimit
  const read: Instructions[] = []
  for (const entry of given.slice(0, mostFiles) as readonly unknown[]) {
    const { path, sha256, text } = fieldsOf(entry)
    if (typeof text !== 'string' || left <= 0) continue
    const kept = text.slice(0, left)
    left -= kept.length
    const version = typeof sha256 === 'string' ? sha256.slice(0, 64) : `${text.length} ${kept.slice(0, 1024)}`
    const name = typeof path === 'string' && path.trim() !== '' ? oneLine(path, salt) : 'instructions'
    read.push({ path: name, version, text: maskSecrets(kept.trim(), salt) })
  }
  return read
}

/** What is told now, without texts: it is only compared. */
export function withoutTexts(facts: WorkspaceFacts): WorkspaceFacts {
  const { instructions } = facts
  return { ...facts, instructions: instructions?.map((entry) => ({ ...entry, text: '' })) ?? null }
}

/** What has changed since the model was told, a line each. What the client does not speak of has not changed. */
export function changesSince(told: WorkspaceFacts, now: WorkspaceFacts): string[] {
  const lines: string[] = []
  if (now.client && now.client !== told.client) lines.push(`- the person goes on in another client: ${now.client}`)
  for (const name of ['project', 'os', 'shell', 'date'] as const) {
    if (now[name] && now[name] !== told[name]) lines.push(`- ${name} is now ${now[name]}`)
  }
  if (now.branch && now.branch !== told.branch) lines.push(`- git: the branch is now ${now.branch}`)
  for (const [name, value] of Object.entries(now.limits)) {
    if (told.limits[name] !== value) lines.push(`- the limit ${name} is now ${value}`)
  }
  return [...lines, ...changedInstructions(told.instructions ?? [], now.instructions)]
}

function changedInstructions(told: readonly Instructions[], now: WorkspaceFacts['instructions']): string[] {
  if (!now) return []
  const versions = new Map(told.map(({ path, version }) => [path, version]))
  const gone = told.filter(({ path }) => !now.some((entry) => entry.path === path))
  const changed = now.filter(({ path, version }) => versions.get(path) !== version)
  return [
    ...gone.map(({ path }) => `- ${path} is gone: its instructions no longer count`),
    ...changed.map(({ path, text }) =>
      text.length > changedTextLimit
        ? `- ${path} has changed: read it again, it replaces what you were told of it`
        : `- ${path} has changed. It now says:\n${text}`,
    ),
  ]
}

/** Facts that a client has for the next message. */
export function clientNotes(client: ClientProfile | null): string[] {
  const notes = client?.context?.['notes']
  if (!Array.isArray(notes)) return []
  const texts = notes.filter((note): note is string => typeof note === 'string' && note.trim() !== '')
  return texts.slice(0, mostNotes).map((note) => `- ${note.trim().slice(0, noteLimit)}`)
}

/** The lines as the model reads them, before what the person says. */
export function noteText(lines: readonly string[]): string {
  return `<note from="client">\n${lines.join('\n')}\n</note>`
}

/** The profile as a turn keeps it: without what is stored once for the session. */
export function profileOfTurn(client: ClientProfile | null): ClientProfile | null {
  if (!client?.context) return client
  const { instructions: _, notes: __, agents: ___, ...context } = client.context
  return { ...client, context }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

function oneLine(text: string, salt: string): string {
  return maskSecrets(text.replace(/\s+/g, ' ').trim().slice(0, valueLimit), salt)
}
