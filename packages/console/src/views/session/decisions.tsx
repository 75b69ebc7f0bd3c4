import type { ReactNode } from 'react'
import { clock, fullTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { Icon, Status } from '../../kit/icon.tsx'
import type { Item, Transcript } from '../../session/items.ts'
import { words } from './words.ts'

const shownDecisions = 20

/** Who decided what, and why; the newest first. */
export function Decisions({ transcript }: { transcript: Transcript }) {
  const t = useWords(words)
  const name = useAgentName()
  const entries: { key: string; at: string; mark: ReactNode; text: ReactNode }[] = []
  for (let index = transcript.items.length - 1; index >= 0 && entries.length < shownDecisions; index--) {
    const item = transcript.items[index] as Item
    if (item.kind === 'handoff') {
      const text =
        item.by === 'person' ? t.personChose(name(item.to)) : t.chose(name(item.from), name(item.to), item.reason)
      entries.push({ key: item.id, at: item.at, mark: <Icon name={item.by === 'person' ? 'user' : 'arrow'} />, text })
    } else if (item.kind === 'note' && (item.note === 'rule' || item.note === 'rule-revoked')) {
      const text = item.note === 'rule' ? t.noteRule(item.detail) : t.noteRevoked(item.detail)
      entries.push({ key: item.id, at: item.at, mark: <Icon name="shield" />, text })
    } else if (item.kind === 'call' && item.approval) {
      const { decision, decidedAt, requestedAt, isImplicit } = item.approval
      const tool = <code>{item.tool}</code>
      const said = isImplicit
        ? t.closed
        : { approve: t.approved, edit: t.edited, reject: t.rejected }[decision ?? 'approve']
      const text = (
        <>
          {decision === undefined && item.state === 'waiting' ? t.policyAsks : said} {tool}
        </>
      )
      const mark =
        item.state === 'waiting' ? <Status name="wait" /> : <Icon name={isImplicit === true ? 'x' : 'user'} />
      entries.push({ key: item.id, at: decidedAt ?? requestedAt, mark, text })
    }
  }
  return (
    <section>
      <h2>
        {t.decisions} <span>{t.whoAndWhy}</span>
      </h2>
      {entries.length === 0 ? (
        <p className="mute small">{t.decidedNothing}</p>
      ) : (
        <ol className="deci">
          {entries.map(({ key, at, mark, text }) => (
            <li key={key}>
              {mark}
              <p>
                {text}{' '}
                <time dateTime={at} title={fullTime(at)}>
                  {clock(at)}
                </time>
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
