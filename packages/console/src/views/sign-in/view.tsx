import './style.css'
import { type FormEvent, useEffect, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { findOutWhoWeAre, signIn, useSignIn } from '../../net/sign-in-state.ts'
import { words } from './words.ts'

/** The page of somebody whom the server does not know, or of a server that does not answer. */
export default function SignIn() {
  const t = useWords(words)
  const { kind, acceptsTokens, isExpired } = useSignIn()
  return (
    <main className="sign-in">
      <div>
        <svg className="mark" aria-hidden="true">
          <use href="#i-mark" />
        </svg>
        {kind === 'unknown' ? (
          <Unreachable />
        ) : (
          <>
            <h1>{t.title}</h1>
            <p className="sec">{isExpired ? t.expired : acceptsTokens ? t.hintTokens : t.hint}</p>
            <KeyForm />
            <p className="mute">{t.kept}</p>
            <p className="mute mono">{t.make}</p>
          </>
        )}
      </div>
    </main>
  )
}

function KeyForm() {
  const t = useWords(words)
  const [key, setKey] = useState('')
  const [isSending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setSending(true)
    const status = await signIn(key.trim()).catch(() => 0)
    if (status === undefined) return
    setSending(false)
    setRefusal(status === 401 ? t.refused : status === 429 ? t.tooMany : `${t.failed} ${status || t.unreachable}`)
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        {t.key}
        <span className="field">
          <input
            type="password"
            autoComplete="current-password"
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
            {...(refusal === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'refusal' })}
          />
        </span>
      </label>
      {refusal !== undefined && (
        <p id="refusal" className="bad-text" role="alert">
          {refusal}
        </p>
      )}
      <Button kind="pri" type="submit" disabled={isSending}>
        {t.enter}
      </Button>
    </form>
  )
}

const againMs = 3000

function Unreachable() {
  const t = useWords(words)
  const c = useWords(common)
  useEffect(() => {
    const timer = setInterval(() => void findOutWhoWeAre(), againMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <h1>{t.unreachable}</h1>
      <p className="sec">{t.unreachableHint}</p>
      <Button icon="retry" onClick={() => void findOutWhoWeAre()}>
        {c.tryNow}
      </Button>
    </>
  )
}
