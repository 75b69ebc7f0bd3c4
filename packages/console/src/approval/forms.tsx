import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'
import { Button } from '../kit/button.tsx'
import { words } from './words.ts'

type Values = Readonly<Record<string, unknown>>

/** Each argument in a field of its own: text as text, anything else as JSON. */
export function EditForm({
  values,
  onRun,
  onCancel,
}: {
  values: Values
  onRun: (values: Values) => void
  onCancel: () => void
}) {
  const t = useWords(words)
  const c = useWords(common)
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)])),
  )
  const read = Object.entries(texts).map(([name, text]) => [name, readAs(values[name], text)] as const)
  const isWrong = read.some(([, value]) => value === undefined)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isWrong) onRun(Object.fromEntries(read))
  }
  return (
    <form className="form" onSubmit={submit} onKeyDown={(event) => closeOnEscape(event, onCancel)}>
      {read.map(([name, value], index) => (
        <label key={name}>
          <code>{name}</code>
          <textarea
            className="area mono"
            rows={Math.min(16, (texts[name] ?? '').split('\n').length)}
            value={texts[name]}
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: the person asked to edit
            autoFocus={index === 0}
            aria-invalid={value === undefined}
            onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
          />
          {value === undefined && <span className="bad-text">{t.notJson}</span>}
        </label>
      ))}
      <div className="row">
        <Button kind="pri" type="submit" disabled={isWrong}>
          {t.runEdited}
        </Button>
        <Button kind="ghost" hotkey="Esc" onClick={onCancel}>
          {c.cancel}
        </Button>
      </div>
    </form>
  )
}

export function RejectForm({ onReject, onCancel }: { onReject: (feedback: string) => void; onCancel: () => void }) {
  const t = useWords(words)
  const c = useWords(common)
  const [text, setText] = useState('')
  const reject = () => onReject(text.trim())
  const onKey = (event: KeyboardEvent) => {
    closeOnEscape(event, onCancel)
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    reject()
  }
  return (
    <div className="form">
      <label>
        {t.why}
        <textarea
          className="area"
          rows={2}
          value={text}
          // biome-ignore lint/a11y/noAutofocus: the person asked to reject
          autoFocus
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
      </label>
      <div className="row">
        <Button kind="pri" hotkey="Enter" onClick={reject}>
          {t.rejectNow}
        </Button>
        <Button kind="ghost" hotkey="Esc" onClick={onCancel}>
          {c.cancel}
        </Button>
      </div>
    </div>
  )
}

function closeOnEscape(event: KeyboardEvent, close: () => void): void {
  if (event.key !== 'Escape') return
  event.stopPropagation()
  close()
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** Undefined: it is not JSON where the argument was no text. */
function readAs(before: unknown, text: string): unknown {
  if (typeof before === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
