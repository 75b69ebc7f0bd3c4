import type { InboxApproval } from '@codelab/protocol'
import { clock, fullTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Status } from '../../kit/icon.tsx'
import { to } from '../../router.ts'
import { pageId } from '../../session/send.ts'
import { factsOf } from './facts.ts'
import { words } from './words.ts'

export type Outcome = 'approve' | 'edit' | 'reject' | 'implicit' | 'elsewhere'

/** What became of a decision, in one line. */
export function Receipt({ approval, outcome, at }: { approval: InboxApproval; outcome: Outcome; at: number | string }) {
  const t = useWords(words)
  const { command, object } = factsOf(approval)
  const { decision } = approval
  const isBad = outcome === 'reject' || (outcome === 'implicit' && decision?.status === 'rejected')
  const said = {
    approve: t.approved,
    edit: t.approvedEdited,
    reject: t.rejected,
    implicit: isBad ? t.closed : t.approved,
    elsewhere: t.elsewhere,
  }
  return (
    <div className="receipt">
      <Status name={outcome === 'elsewhere' ? 'ok' : isBad ? 'bad' : 'good'} label="" />
      <span className="cut grow">
        {said[outcome]} <code>{command ?? object}</code>
        {decision?.feedback && ' '}
        {decision?.feedback && <q>{decision.feedback}</q>}
        {decision?.by && <span className="mute"> {whoOf(decision.by, t)}</span>}
      </span>
      <a className="cut session" href={to('session', approval.session_id)}>
        {approval.session_title ?? t.untitled}
      </a>
      <time className="mute num" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
        {clock(at)}
      </time>
    </div>
  )
}

/** Pages name themselves by chance; a client of a person has a name that tells something. */
function whoOf(by: string, t: ReturnType<typeof useWords<typeof words.en>>): string {
  if (by === pageId) return t.you
  return by.startsWith('console-') ? t.console : t.by(by)
}

export function outcomeOf({ decision }: InboxApproval): Outcome {
  if (!decision) return 'elsewhere'
  return decision.implicit ? 'implicit' : (decision.kind ?? (decision.status === 'rejected' ? 'reject' : 'approve'))
}
