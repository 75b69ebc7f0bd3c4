import './style.css'
import type { RuleSuggestion } from '@codelab/protocol'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { elapsed } from '../i18n/format.ts'
import { useWords } from '../i18n/language.ts'
import { Button } from '../kit/button.tsx'
import { readDiff } from '../kit/diff-lines.ts'
import { Status } from '../kit/icon.tsx'
import { toast } from '../kit/toast.tsx'
import { useNow } from '../kit/use-now.ts'
import { tell } from '../net/failure.ts'
import { AlwaysMenu } from './always-menu.tsx'
import { ApprovalBody } from './approval-body.tsx'
import type { Asked } from './asked.ts'
import { alwaysAllow, type Decision, decide, type Outcome } from './decide.ts'
import { EditForm, RejectForm } from './forms.tsx'
import { choosable } from './hunks.ts'
import { useTitle } from './title.tsx'
import { words } from './words.ts'

/** Buttons under a pointer that was elsewhere a moment ago are not meant. */
const calmMs = 400

/** A call that waits for a person: what it would do, why it is asked, and the ways to decide. */
export function ApprovalCard({ asked, isConnected = true }: { asked: Asked; isConnected?: boolean }) {
  const t = useWords(words)
  const title = useTitle(asked)
  const now = useNow(1000)
  const card = useRef<HTMLElement>(null)
  const [mode, setMode] = useState<'asking' | 'editing' | 'rejecting' | 'sending'>('asking')
  const [trouble, setTrouble] = useState<string>()
  const [isCalm, setCalm] = useState(false)
  const diff = asked.preview?.diff
  const choice = useMemo(() => choosable(asked.tool, asked.arguments, diff), [asked.tool, asked.arguments, diff])
  const [wanted, setWanted] = useState<readonly boolean[]>([])
  const counts = useMemo(() => (diff === undefined ? undefined : readDiff(diff)), [diff])
  useEffect(() => {
    const timer = setTimeout(() => setCalm(true), calmMs)
    return () => clearTimeout(timer)
  }, [])

  const isOff = !isCalm || !isConnected || mode === 'sending'
  const settle = async (act: () => Promise<Outcome>) => {
    const before = mode
    setMode('sending')
    setTrouble(undefined)
    try {
      if ((await act()) === 'elsewhere') toast({ text: t.elsewhere })
    } catch (error) {
      setTrouble(`${t.notSent} ${tell(error).text}`)
      setMode(before === 'sending' ? 'asking' : before)
    }
  }
  const send = (decision: Decision) => void settle(() => decide(asked.sessionId, asked.callId, decision))
  const left = choice ? Array.from({ length: choice.count }, (_, index) => wanted[index] ?? true) : []
  const chosen = left.filter(Boolean).length
  const approve = () => {
    const kept = choice && chosen < choice.count ? choice.keep(left) : undefined
    send(kept ? { kind: 'edit', arguments: kept } : { kind: 'approve' })
  }
  const allow = (rule: RuleSuggestion) =>
    void settle(async () => {
      const outcome = await alwaysAllow(asked.sessionId, asked.callId, rule)
      toast({ text: t.ruleMade(rule.text) })
      return outcome
    })
  const onKey = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || isOff || mode !== 'asking') return
    const act = { a: approve, e: () => setMode('editing'), r: () => setMode('rejecting') }[event.key.toLowerCase()]
    if (!act || (event.key.toLowerCase() === 'a' && chosen === 0 && choice)) return
    event.preventDefault()
    act()
  }
  const cancel = () => {
    setMode('asking')
    card.current?.focus()
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: its letters work while it has the focus
    <section ref={card} className="appr" aria-label={t.approvalOf(title.text)} tabIndex={0} onKeyDown={onKey}>
      <header>
        <div className="l1">
          <Status name="wait" label="" />
          <h2 className="cut">{title.shown}</h2>
          {counts && (
            <span className="num">
              <span className="plus">+{counts.added}</span> <span className="minus">−{counts.removed}</span>
            </span>
          )}
          <span className="grow" />
          <span className="waited">{t.waiting(elapsed(now - Date.parse(asked.requestedAt)))}</span>
        </div>
        <div className="l2">
          <span>{asked.reason ? t.asked(asked.reason) : t.askedPlain}</span>
          {asked.rule !== undefined && (
            <span className="mute no-phone">
              {t.rule} <code>{asked.rule}</code>
            </span>
          )}
        </div>
      </header>
      {mode === 'editing' ? (
        <EditForm
          values={asked.arguments}
          onRun={(values) => send({ kind: 'edit', arguments: values })}
          onCancel={cancel}
        />
      ) : (
        <ApprovalBody asked={asked} />
      )}
      {choice && mode === 'asking' && (
        <fieldset className="hunk-choice" aria-label={t.keepChanges}>
          {left.map((isWanted, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the changes of a call do not move
            <label key={index}>
              <input
                type="checkbox"
                checked={isWanted}
                onChange={() => setWanted(left.map((old, at) => (at === index ? !old : old)))}
              />
              {t.change(index + 1)}
            </label>
          ))}
        </fieldset>
      )}
      {mode === 'rejecting' && (
        <RejectForm onReject={(feedback) => send({ kind: 'reject', feedback })} onCancel={cancel} />
      )}
      {trouble !== undefined && (
        <p className="trouble" role="alert">
          {trouble}
        </p>
      )}
      {!isConnected && <p className="note">{t.disconnected}</p>}
      {(mode === 'asking' || mode === 'sending') && (
        <footer>
          <Button kind="pri" hotkey="A" disabled={isOff || (choice !== undefined && chosen === 0)} onClick={approve}>
            {mode === 'sending'
              ? t.sending
              : choice && chosen < choice.count
                ? t.approveSome(chosen, choice.count)
                : asked.requestType === 'plan'
                  ? t.approvePlan
                  : t.approve}
          </Button>
          <Button hotkey="E" disabled={isOff} onClick={() => setMode('editing')}>
            {t.editCall}
          </Button>
          <Button kind="bad" hotkey="R" disabled={isOff} onClick={() => setMode('rejecting')}>
            {t.reject}
          </Button>
          <span className="grow no-phone" />
          {asked.requestType !== 'plan' && (
            <AlwaysMenu sessionId={asked.sessionId} callId={asked.callId} isOff={isOff} onChoose={allow} />
          )}
        </footer>
      )}
    </section>
  )
}
