import { callSubject } from '../../approval/call-subject.ts'
import { call } from '../../net/api.ts'
import type { Transcript } from '../../session/items.ts'

/** A transcript for a person to read elsewhere. */
export function markdownOf(title: string, { items, segments }: Transcript): string {
  const parts = [`# ${title}`]
  for (const item of items) {
    if (item.kind === 'user') parts.push(`## You, ${item.at}`, item.text)
    else if (item.kind === 'answer') parts.push(`## ${segments[item.segment]?.agent ?? 'agent'}, ${item.at}`, item.text)
    else if (item.kind === 'handoff') parts.push(`> ${item.from} → ${item.to}: ${item.reason}`)
    else if (item.kind === 'call')
      parts.push(`- \`${item.tool}\` ${callSubject(item.tool, item.arguments)}: ${item.state}`)
    else if (item.kind === 'failure') parts.push(`> Failed: ${item.text}`)
  }
  return `${parts.join('\n\n')}\n`
}

export async function exportJson(sessionId: string): Promise<void> {
  const history = await call('GET', `/sessions/${encodeURIComponent(sessionId)}/history`)
  download(`${sessionId}.json`, JSON.stringify(history, null, 2), 'application/json')
}

export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, '-')
  link.click()
  URL.revokeObjectURL(address)
}

/** A message by hand; the key is left to the person. */
export function curlOf(sessionId: string, text: string): string {
  const body = JSON.stringify({ session_id: sessionId, message: { type: 'user_message', content: text } })
  return [
    `curl -sN ${location.origin}/agent/message/stream`,
    `-H "x-internal-auth: $CODELAB_KEY" -H 'content-type: application/json'`,
    `-d '${body.replaceAll("'", `'\\''`)}'`,
  ].join(' \\\n  ')
}

export function followCurlOf(sessionId: string): string {
  const path = `/sessions/${encodeURIComponent(sessionId)}/events?after=0`
  return `curl -sN '${location.origin}${path}' -H "x-internal-auth: $CODELAB_KEY"`
}
