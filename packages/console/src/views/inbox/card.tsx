import type { InboxApproval } from '@codelab/protocol'
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react'
import { alwaysAllow, type Decision, decide, type Outcome } from '../../approval/decide.ts'
import { EditForm, RejectForm } from '../../approval/forms.tsx'
import { elapsed, fullTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, useAgentName } from '../../kit/agent.tsx'
import { Button } from '../../kit/button.tsx'
import { DiffView } from '../../kit/diff.tsx'
import { Icon, Status } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { tell } from '../../net/failure.ts'
import { go, to } from '../../router.ts'
import { AlwaysForm } from './always-form.tsx'
import { type Facts, factsOf, firstChange } from './facts.ts'
import { words } from './words.ts'

/** How long the buttons of a card that just came under the pointer stay off. */
const guardMs = 400

type Mode = 'rest' | 'reason' | 'edit' | 'always'

interface CardProps {
  readonly approval: InboxApproval
  readonly now: number
  readonly isOff: boolean
  readonly onDecided: (decision: Decision['kind'] | 'elsewhere') => void
}

/** A decision as a piece of work: first the facts, then the buttons. */
export function Card({ approval, now, isOff, onDecided }: CardProps) {
  const t = useWords(words)
  const facts = useMemo(() => factsOf(approval), [approval])
  const [mode, setMode] = useState<Mode>('rest')
  const [isSending, setSending] = useState(false)
  const [failure, setFailure] = useState<string>()
  const isGuarded = useGuard()

  const { session_id: sessionId, call_id: callId } = approval
  const settle = async (kind: Decision['kind'], act: () => Promise<Outcome>): Promise<void> => {
    setSending(true)
    setFailure(undefined)
    try {
      onDecided((await act()) === 'elsewhere' ? 'elsewhere' : kind)
    } catch (error) {
      setFailure(tell(error).text)
      setSending(false)
    }
  }
  const send = (decision: Decision) => void settle(decision.kind, () => decide(sessionId, callId, decision))
  const rest = () => setMode('rest')
  const cannot = isOff || isSending || isGuarded
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const act = {
      a: () => send({ kind: 'approve' }),
      e: () => setMode('edit'),
      r: () => setMode('reason'),
      l: () => setMode('always'),
    }[event.key.toLowerCase()]
    if (!act || cannot) return
    event.preventDefault()
    act()
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: its letters work while it has the focus
    <article className="item" aria-label={titleOf(facts, t)} tabIndex={0} onKeyDown={onKey}>
      <Head approval={approval} facts={facts} now={now} />
      <Body facts={facts} label={`${titleOf(facts, t)}, ${approval.session_title ?? t.untitled}`} />
      {mode === 'reason' && <RejectForm onReject={(feedback) => send({ kind: 'reject', feedback })} onCancel={rest} />}
      {mode === 'edit' && (
        <EditForm
          values={approval.arguments}
          onRun={(values) => send({ kind: 'edit', arguments: values })}
          onCancel={rest}
        />
      )}
      {mode === 'always' && (
        <AlwaysForm
          sessionId={sessionId}
          callId={callId}
          isOff={cannot}
          onCancel={rest}
          onChoose={(rule) => void settle('approve', () => alwaysAllow(sessionId, callId, rule))}
        />
      )}
      {failure !== undefined && (
        <p className="refused" role="alert">
          <Status name="bad" label="" />
          {t.notSent}. {failure}
        </p>
      )}
      {mode === 'rest' && (
        <div className="ft">
          <Button kind="pri" size="lg" disabled={cannot} onClick={() => send({ kind: 'approve' })}>
            {isSending ? t.sending : t.approve}
          </Button>
          <Button kind="bad" size="lg" disabled={cannot} onClick={() => send({ kind: 'reject', feedback: '' })}>
            {t.reject}
          </Button>
          <Menu
            label={t.more}
            className="btn lg icon"
            place="up"
            items={[
              { text: t.editArguments, isOff: cannot, onChoose: () => setMode('edit') },
              { text: t.rejectWithReason, isBad: true, isOff: cannot, onChoose: () => setMode('reason') },
              { text: t.always, isOff: cannot, onChoose: () => setMode('always') },
              { text: t.open, onChoose: () => go('session', approval.session_id) },
            ]}
          >
            <Icon name="dots" />
          </Menu>
        </div>
      )}
    </article>
  )
}

type Words = ReturnType<typeof useWords<typeof words.en>>

export function titleOf({ verb, object }: Facts, t: Words): string {
  return verb === 'run' ? t.run : `${t[verb]} ${object}`
}

function useGuard(): boolean {
  const [isGuarded, setGuarded] = useState(true)
  useEffect(() => {
    const timer = setTimeout(() => setGuarded(false), guardMs)
    return () => clearTimeout(timer)
  }, [])
  return isGuarded
}

function Head({ approval, facts, now }: Pick<CardProps, 'approval' | 'now'> & { facts: Facts }) {
  const t = useWords(words)
  const name = useAgentName()
  const { agent, rule, reason } = approval
  const title = approval.session_title ?? t.untitled
  return (
    <div className="hd">
      <div className="l1">
        <AgentMark agent={agent} size="xs" />
        <a className="cut" href={to('session', approval.session_id)}>
          {title}
        </a>
        <span className="grow" />
        <time className="waited num" dateTime={approval.created_at} title={fullTime(approval.created_at)}>
          {elapsed(now - Date.parse(approval.created_at))}
        </time>
      </div>
      <div className="l2">
        <h2>
          {t[facts.verb]} {facts.verb !== 'run' && <code>{facts.object}</code>}
        </h2>
        {facts.diff && (
          <span className="num">
            <span className="plus">+{facts.diff.added}</span>
            {facts.diff.removed > 0 && <span className="minus"> −{facts.diff.removed}</span>}
          </span>
        )}
      </div>
      {approval.words !== '' && <p className="why">{t.says(name(agent), firstSentence(approval.words))}</p>}
      <p className="rule">{whyAsked(reason, rule?.text, t)}</p>
    </div>
  )
}

/** Why a person is asked, and the rule where it says something else. */
function whyAsked(reason: string | null, rule: string | undefined, t: Words): string {
  const isSame = reason?.toLowerCase() === rule?.toLowerCase()
  return [reason, rule !== undefined && !(reason && isSame) && t.rule(rule)].filter(Boolean).join('. ')
}

function firstSentence(text: string): string {
  // Marks of Markdown say nothing where it is not drawn.
  const line = text.trim().split('\n', 1)[0]?.replaceAll(/[`*]/g, '') ?? ''
  return line.length > 160 ? `${line.slice(0, 160)}…` : line
}

function Body({ facts, label }: { facts: Facts; label: string }) {
  const t = useWords(words)
  const [isWhole, setWhole] = useState(false)
  const { diff, raw, command, folder, rest, isCut } = facts
  const first = useMemo(() => diff && firstChange(diff), [diff])
  return (
    <>
      {command !== undefined && (
        <div className="cmd">
          <span className="mute">{folder ?? ''} $</span> {command}
        </div>
      )}
      {raw !== undefined && <pre className="cmd">{raw}</pre>}
      {diff && first && <DiffView label={label} file={isWhole ? diff : first.diff} key={String(isWhole)} />}
      {first && first.left > 0 && (
        <button type="button" className="more" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? t.less : t.whole(first.left)}
          <Icon name="down" size="s" />
        </button>
      )}
      {isCut && <p className="note">{t.cutDiff}</p>}
      {Object.keys(rest).length > 0 && (
        <dl className="args">
          {Object.entries(rest).map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
