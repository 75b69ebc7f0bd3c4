import type { SessionContext } from '@codelab/protocol'
import { amount, clean, plural } from '../screen/text.ts'
import type { Chat } from './chat-session.ts'

type Section = SessionContext['sections'][number]

/** `/context`: the parts of the next request with their sizes; `/context NAME`: one of them as it is sent. */
export async function showContext({ screen, place, conversation }: Chat, name: string): Promise<void> {
  if (conversation.isNew) {
    screen.notice('Nothing has been sent yet: say something first.')
    return
  }
  const context = await place.link.client.context(conversation.sessionId)
  const { sections } = context
  if (name === '') {
    screen.notice(overview(context).join('\n'))
    return
  }
  const section = sections.find((other) => other.name === name)
  if (section?.text) screen.print(screen.transcript.lines(screen.transcript.plainLines(section.text, screen.columns)))
  else screen.notice(`There is no text of ${clean(name)}. There is ${named(sections)}`)
}

function overview({
  agent,
  model,
  context_tokens: most,
  estimated_tokens: all,
  share,
  sections,
  messages,
}: SessionContext) {
  const { sent, referenced, dropped } = messages
  const cut = [
    referenced > 0 ? `${plural(referenced, 'old result')} as one line` : '',
    dropped > 0 ? `${plural(dropped, 'old message')} left out` : '',
  ].filter(Boolean)
  const rows = sections.map((section) => row(section.name, section.tokens, section.share))
  return [
    `${clean(agent)} on ${clean(model)}${most === null ? '' : `, which reads ${amount(most)} tokens`}`,
    ...rows,
    row('all', all, share),
    [`${plural(sent, 'message')} sent`, ...cut].join(', '),
  ]
}

function row(name: string, tokens: number, share: number | null): string {
  const part = share === null ? '' : `${String(Math.round(share * 100)).padStart(4)} %`
  return `${name.padEnd(14)}${amount(tokens).padStart(8)} tokens${part}`
}

function named(sections: readonly Section[]): string {
  return sections
    .filter(({ text }) => text !== null)
    .map(({ name }) => name)
    .join(', ')
}
