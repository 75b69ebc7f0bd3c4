import { clock, fullTime } from '../i18n/format.ts'
import { useWords } from '../i18n/language.ts'
import { Status } from '../kit/icon.tsx'
import type { CallItem } from '../session/items.ts'
import { pageId } from '../session/send.ts'
import { words } from './words.ts'

/** What was decided about a call, and by whom. */
export function Receipt({ call }: { call: CallItem }) {
  const t = useWords(words)
  const { approval } = call
  if (approval?.decision === undefined) return null
  const { decision, by = null, decidedAt = approval.requestedAt, isImplicit } = approval
  const who = by === pageId ? t.you : by === null ? t.someone : by.startsWith('console-') ? t.someone : by
  const said = { approve: t.approved, edit: t.approvedEdited, reject: t.rejected }[decision]
  const feedback = decision === 'reject' ? feedbackOf(call.result) : ''
  return (
    <div className="receipt">
      <Status name={isImplicit ? 'idle' : decision === 'reject' ? 'bad' : 'good'} label="" />
      <span className="cut">
        {isImplicit ? t.closed : `${who}: ${said}`} {feedback !== '' && <q>{feedback}</q>}
      </span>
      <span className="grow" />
      <time className="mute num" dateTime={decidedAt} title={fullTime(decidedAt)}>
        {clock(decidedAt)}
      </time>
    </div>
  )
}

function feedbackOf(result: string | undefined): string {
  try {
    const { feedback } = JSON.parse(result ?? '') as { feedback?: unknown }
    return typeof feedback === 'string' ? feedback : ''
  } catch {
    return ''
  }
}
