import { useState } from 'react'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Status } from '../../kit/icon.tsx'
import { toast } from '../../kit/toast.tsx'
import { call } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import type { FailureItem, NoteItem } from '../../session/items.ts'
import { sayAgain } from './say-again.ts'
import { words } from './words.ts'

export function Note({ item, sessionId, isLast }: { item: NoteItem; sessionId: string; isLast: boolean }) {
  const t = useWords(words)
  const text = {
    cancelled: t.noteCancelled,
    interrupted: t.noteInterrupted,
    shortened: t.noteShortened,
    model: t.noteModel(item.detail),
    rule: t.noteRule(item.detail),
    'rule-revoked': t.noteRevoked(item.detail),
    fault: t.noteFault(item.detail),
  }[item.note]
  const goOn = () => call('POST', `/sessions/${encodeURIComponent(sessionId)}/resume`, {})
  return (
    <div className="note-row">
      <Status name={item.note === 'fault' ? 'bad' : 'idle'} label="" />
      <span>{text}</span>
      {item.note === 'interrupted' && isLast && <Act text={t.goOn} act={goOn} />}
    </div>
  )
}

/** What a turn failed of, what is kept, and the way on. */
export function FailureCard({ item, sessionId, isLast }: { item: FailureItem; sessionId: string; isLast: boolean }) {
  const t = useWords(words)
  const c = useWords(common)
  return (
    <section className="failure" aria-label={t.failed}>
      <div className="row">
        <Status name="bad" />
        <b>{item.text}</b>
      </div>
      <p className="sec">
        <code>{item.code}</code> {t.kept}
      </p>
      {isLast && <Act text={c.tryAgain} act={() => sayAgain(sessionId)} />}
    </section>
  )
}

function Act({ text, act }: { text: string; act: () => Promise<unknown> }) {
  const [isActing, setActing] = useState(false)
  const onClick = () => {
    setActing(true)
    act()
      .catch((error: unknown) => toast({ text: tell(error).text }))
      .finally(() => setActing(false))
  }
  return (
    <Button size="s" icon="retry" disabled={isActing} onClick={onClick}>
      {text}
    </Button>
  )
}
