import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { elapsed } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { Button } from '../../kit/button.tsx'
import { Diff } from '../../kit/diff.tsx'
import { readDiff } from '../../kit/diff-lines.ts'
import { Status } from '../../kit/icon.tsx'
import { patchOf } from './patch.ts'
import type { Asked } from './stage.ts'
import type { Preview } from './tool.ts'
import type { Decision } from './turn-parts.ts'
import { words } from './words.ts'
import type { Workspace } from './workspace.ts'

/** A press that was meant for what stood here before decides nothing. */
const settleMs = 400

interface ApprovalProps {
  readonly asked: Asked
  readonly workspace: Workspace
  readonly draft: string | undefined
  readonly onEdit: (isEditing: boolean) => void
}

/** What the agent wants to do, and the person's word on it. */
export function Approval({ asked, workspace, draft, onEdit }: ApprovalProps) {
  const t = useWords(words)
  const c = useWords(common)
  const { call, preview } = asked
  const [isReady, setReady] = useState(false)
  const [isRejecting, reject] = useState(false)
  const [feedback, setFeedback] = useState('')
  const [now, setNow] = useState(Date.now())
  const why = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const ready = setTimeout(() => setReady(true), settleMs)
    const clock = setInterval(() => setNow(Date.now()), 1000)
    return () => {
      clearTimeout(ready)
      clearInterval(clock)
    }
  }, [])
  useEffect(() => {
    if (isRejecting) why.current?.focus()
  }, [isRejecting])

  const canEdit = preview.kind === 'write'
  const decide = (decision: Decision) => {
    setReady(false)
    onEdit(false)
    asked.decide(decision)
  }
  const approve = () => {
    if (draft === undefined || preview.kind !== 'write' || draft === preview.after) decide({ kind: 'approve' })
    else decide({ kind: 'edit', arguments: editedArguments(asked, draft) })
  }
  const onKey = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLTextAreaElement
    if (event.key === 'Escape' && (isRejecting || draft !== undefined)) {
      reject(false)
      onEdit(false)
    } else if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !isReady) return
    else if (event.key === 'a') approve()
    else if (event.key === 'e' && canEdit) onEdit(true)
    else if (event.key === 'r') reject(true)
    else return
    event.preventDefault()
  }
  const patch = patchOf(preview, (path) => workspace.read(path))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: its letters work while it has the focus
    <section className="appr" aria-label={t.waits(call.tool)} tabIndex={0} onKeyDown={onKey}>
      <header>
        <div className="l1">
          <Status name="wait" />
          <Title preview={preview} tool={call.tool} />
          {patch !== undefined && <Counts patch={patch} />}
          <span className="grow" />
          <span className="waited">{elapsed(now - asked.since)}</span>
        </div>
        <div className="l2">
          <span>
            {call.reason}
            {call.rule !== undefined && call.reason?.toLowerCase() !== call.rule.toLowerCase() && (
              <>
                {' '}
                {t.rule} <code>{call.rule}</code>
              </>
            )}
          </span>
        </div>
        {patch !== undefined && <div className="l2 no-phone">{t.inEditor}</div>}
      </header>
      {patch !== undefined && (
        <div className="only-phone inline-diff">
          <Diff text={patch} />
        </div>
      )}
      {isRejecting ? (
        <form
          className="why"
          onSubmit={(event) => {
            event.preventDefault()
            decide({ kind: 'reject', feedback: feedback.trim() })
          }}
        >
          <textarea
            ref={why}
            className="area"
            aria-label={t.rejectWhy}
            placeholder={t.rejectWhy}
            maxLength={4000}
            value={feedback}
            onChange={(event) => setFeedback(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey) event.currentTarget.form?.requestSubmit()
            }}
          />
          <div className="row">
            <Button kind="pri" type="submit" hotkey="Enter">
              {t.reject}
            </Button>
            <Button kind="ghost" hotkey="Esc" onClick={() => reject(false)}>
              {c.cancel}
            </Button>
          </div>
        </form>
      ) : (
        <footer>
          <Button kind="pri" hotkey="A" disabled={!isReady} onClick={approve}>
            {draft === undefined ? t.approve : t.approveEdited}
          </Button>
          {canEdit && draft === undefined && (
            <Button hotkey="E" disabled={!isReady} onClick={() => onEdit(true)}>
              {t.edit}
            </Button>
          )}
          {draft !== undefined && (
            <Button kind="ghost" hotkey="Esc" onClick={() => onEdit(false)}>
              {c.cancel}
            </Button>
          )}
          <Button kind="bad" hotkey="R" disabled={!isReady} onClick={() => reject(true)}>
            {t.reject}
          </Button>
        </footer>
      )}
    </section>
  )
}

function Counts({ patch }: { patch: string }) {
  const { added, removed } = readDiff(patch)
  return (
    <>
      {added > 0 && <span className="plus num">+{added}</span>}
      {removed > 0 && <span className="minus num">−{removed}</span>}
    </>
  )
}

function Title({ preview, tool }: { preview: Preview; tool: string }) {
  const t = useWords(words)
  const agentName = useAgentName()
  const [verb, object] = titleOf(preview)
  return (
    <h2 className="cut">
      {verb} <code>{object}</code>
    </h2>
  )

  function titleOf(shown: Preview): readonly [string, string] {
    switch (shown.kind) {
      case 'write':
        return [shown.before === null ? t.create : t.write, shown.path]
      case 'delete':
        return [t.delete, shown.path]
      case 'move':
        return [t.move, `${shown.path} → ${shown.to}`]
      case 'directory':
        return [t.createFolder, shown.path]
      case 'handoff':
        return [t.handOver, agentName(shown.agent)]
      default:
        return ['', tool]
    }
  }
}

/** The whole file as the person wrote it, in the words of the tool that was called. */
function editedArguments({ call, preview }: Asked, text: string): Record<string, unknown> {
  if (call.tool !== 'edit_file' || preview.kind !== 'write') return { ...call.arguments, content: text }
  return { ...call.arguments, edits: [{ old_text: preview.before ?? '', new_text: text }] }
}

/** A question of the agent, with the answers that it offers. */
export function QuestionCard({ asked, agent }: { asked: Asked; agent: string }) {
  const t = useWords(words)
  const agentName = useAgentName()
  const [text, setText] = useState('')
  const { preview } = asked
  if (preview.kind !== 'question') return null
  return (
    <section className="appr" aria-label={t.asks(agentName(agent))}>
      <header>
        <div className="l1">
          <Status name="wait" />
          <h2>{t.asks(agentName(agent))}</h2>
        </div>
      </header>
      <p className="question">{preview.question}</p>
      {preview.suggestions.length > 0 && (
        <div className="offered">
          {preview.suggestions.map((suggestion) => (
            <Button key={suggestion} onClick={() => asked.decide({ kind: 'answer', text: suggestion })}>
              {suggestion}
            </Button>
          ))}
        </div>
      )}
      <form
        className="why"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') asked.decide({ kind: 'answer', text: text.trim() })
        }}
      >
        <textarea
          className="area"
          aria-label={t.answer}
          maxLength={4000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="row">
          <Button kind="pri" type="submit" disabled={text.trim() === ''}>
            {t.answer}
          </Button>
        </div>
      </form>
    </section>
  )
}
