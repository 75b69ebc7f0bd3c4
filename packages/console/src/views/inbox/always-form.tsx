import type { RuleSuggestion } from '@codelab/protocol'
import { useEffect, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { words } from './words.ts'

interface AlwaysFormProps {
  readonly sessionId: string
  readonly callId: string
  readonly isOff: boolean
  readonly onChoose: (rule: RuleSuggestion) => void
  readonly onCancel: () => void
}

/** Rules that would have let the call pass, each as large as a finger, narrowest first. */
export function AlwaysForm({ sessionId, callId, isOff, onChoose, onCancel }: AlwaysFormProps) {
  const t = useWords(words)
  const c = useWords(common)
  const [rules, setRules] = useState<readonly RuleSuggestion[]>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    api.ruleSuggestions(sessionId, callId).then(
      ({ suggestions }) => setRules(suggestions),
      (error: unknown) => setFailure(tell(error).text),
    )
  }, [sessionId, callId])
  return (
    <div className="form">
      <p className="mute">{rules?.length === 0 ? t.noRules : t.alwaysHint}</p>
      <div className="rules">
        {rules?.map((rule) => (
          <button type="button" key={`${rule.scope} ${rule.pattern}`} disabled={isOff} onClick={() => onChoose(rule)}>
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
        <Button kind="ghost" onClick={onCancel}>
          {c.cancel}
        </Button>
      </div>
    </div>
  )
}
