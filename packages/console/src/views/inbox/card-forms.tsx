import type { InboxApproval, RuleSuggestion } from '@codelab/protocol'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import type { Decision } from './decide.ts'
import { words } from './words.ts'

interface PartProps {
  readonly isOff: boolean
  readonly onCancel: () => void
  readonly onSend: (decision: Decision) => Promise<void>
}

function Form({ children, onCancel, onSubmit }: { children: ReactNode; onCancel: () => void; onSubmit: () => void }) {
  return (
    <form
      className="part"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        onSubmit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
      }}
    >
      {children}
    </form>
  )
}

export function Reason({ isOff, onCancel, onSend }: PartProps) {
  const t = useWords(words)
  const c = useWords(common)
  const [text, setText] = useState('')
  return (
    <Form onCancel={onCancel} onSubmit={() => void onSend({ kind: 'reject', feedback: text.trim() })}>
      <label>
        <span className="vh">{t.reason}</span>
        {/* biome-ignore lint/a11y/noAutofocus: it was just asked for */}
        <textarea className="area" autoFocus value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <p className="mute">{t.reasonHint}</p>
      <div className="row">
        <Button kind="bad" type="submit" size="lg" disabled={isOff || text.trim() === ''}>
          {t.rejectWithReason}
        </Button>
        <Button kind="ghost" size="lg" onClick={onCancel}>
          {c.cancel}
        </Button>
      </div>
    </Form>
  )
}

export function Edit({ approval, isOff, onCancel, onSend }: PartProps & { approval: InboxApproval }) {
  const t = useWords(words)
  const c = useWords(common)
  const [fields, setFields] = useState(() => fieldsOf(approval.arguments))
  const args = argumentsFrom(fields)
  return (
    <Form onCancel={onCancel} onSubmit={() => args && void onSend({ kind: 'edit', args })}>
      {fields.map(({ name, text, isText }, index) => (
        <label key={name}>
          <span className="mono mute">{name}</span>
          <textarea
            className="area mono"
            rows={Math.min(16, text.split('\n').length)}
            value={text}
            onChange={(event) => {
              const next = { name, isText, text: event.target.value }
              setFields(fields.map((field, at) => (at === index ? next : field)))
            }}
          />
        </label>
      ))}
      {!args && (
        <p className="bad-text" role="alert">
          {t.invalid}
        </p>
      )}
      <div className="row">
        <Button kind="pri" type="submit" size="lg" disabled={isOff || !args}>
          {t.approveEdited}
        </Button>
        <Button kind="ghost" size="lg" onClick={onCancel}>
          {c.cancel}
        </Button>
      </div>
    </Form>
  )
}

interface Field {
  readonly name: string
  readonly text: string
  /** As it is; otherwise it is JSON. */
  readonly isText: boolean
}

function fieldsOf(args: Readonly<Record<string, unknown>>): readonly Field[] {
  return Object.entries(args).map(([name, value]) => {
    const isText = typeof value === 'string'
    return { name, isText, text: isText ? value : JSON.stringify(value) }
  })
}

function argumentsFrom(fields: readonly Field[]): Record<string, unknown> | undefined {
  try {
    return Object.fromEntries(fields.map(({ name, text, isText }) => [name, isText ? text : JSON.parse(text)]))
  } catch {
    return undefined
  }
}

export function Always({ approval, isOff, onCancel, onSend }: PartProps & { approval: InboxApproval }) {
  const t = useWords(words)
  const c = useWords(common)
  const [rules, setRules] = useState<readonly RuleSuggestion[]>()
  const [failure, setFailure] = useState<string>()
  const { session_id: sessionId, call_id: callId } = approval
  useEffect(() => {
    api.ruleSuggestions(sessionId, callId).then(
      ({ suggestions }) => setRules(suggestions),
      (error) => setFailure(tell(error).text),
    )
  }, [sessionId, callId])
  const choose = async ({ scope, tool, pattern, effect }: RuleSuggestion) => {
    try {
      await api.createRule({ session_id: sessionId, scope, tool, pattern, effect, client_id: 'console' })
      await onSend({ kind: 'approve' })
    } catch (error) {
      setFailure(tell(error).text)
    }
  }
  return (
    <Form onCancel={onCancel} onSubmit={() => undefined}>
      <p className="mute">{rules?.length === 0 ? t.noRules : t.alwaysHint}</p>
      <div className="rules">
        {rules?.map((rule) => (
          <button
            type="button"
            key={`${rule.scope} ${rule.pattern}`}
            disabled={isOff}
            onClick={() => void choose(rule)}
          >
            {rule.scope === 'session' ? t.inSession : t.inProject}: <code>{rule.text}</code>
          </button>
        ))}
      </div>
      {failure !== undefined && (
        <p className="bad-text" role="alert">
          {failure}
        </p>
      )}
      <div className="row">
        <Button kind="ghost" size="lg" onClick={onCancel}>
          {c.cancel}
        </Button>
      </div>
    </Form>
  )
}
