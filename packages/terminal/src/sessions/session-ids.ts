import type { Client, SessionList } from '@codelab/protocol'
import { CommandFailure, exitCodes } from '../server/failure.ts'

export type SessionItem = SessionList['sessions'][number]

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const pageSize = 1000
const maxSessions = 10_000

/** A session id as it is shown: its first 8 characters, or the whole of an id that somebody chose. */
export function shortId(id: string): string {
  return uuid.test(id) ? id.slice(0, 8) : id.length <= 24 ? id : `${id.slice(0, 23)}…`
}

/** The sessions of the server, newest first, 10,000 at most. */
export async function listSessions(client: Client): Promise<SessionItem[]> {
  const sessions: SessionItem[] = []
  while (sessions.length < maxSessions) {
    const page = await client.listSessions({ limit: pageSize, offset: sessions.length })
    sessions.push(...page.sessions)
    if (page.sessions.length < pageSize) break
  }
  return sessions
}

/** The session whose id begins so. Throws CommandFailure, exit 2, when there is none or more than one. */
export async function findSession(client: Client, start: string): Promise<string> {
  if (uuid.test(start)) return start
  const sessions = await listSessions(client)
  const exact = sessions.find(({ id }) => id === start)
  const found = exact ? [exact] : sessions.filter(({ id }) => id.startsWith(start))
  const [first] = found
  if (!first)
    throw new CommandFailure(exitCodes.usage, `No session begins with ${start}`, ['codelab sessions lists them.'])
  if (found.length === 1) return first.id
  throw new CommandFailure(exitCodes.usage, `${found.length} sessions begin with ${start}`, [
    ...found.slice(0, 5).map(({ id, title }) => `${id}  ${title ?? ''}`.trimEnd()),
    'Give more of the id.',
  ])
}
