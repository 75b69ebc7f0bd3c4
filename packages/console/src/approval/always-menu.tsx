import type { RuleSuggestion } from '@codelab/protocol'
import { useState } from 'react'
import { useWords } from '../i18n/language.ts'
import { Chevron } from '../kit/icon.tsx'
import { Menu } from '../kit/menu.tsx'
import { api } from '../net/api.ts'
import { tell } from '../net/failure.ts'
import { words } from './words.ts'

/** Rules that would have let the call pass, narrowest first, each with its text. They are read when they are asked for. */
export function AlwaysMenu({
  sessionId,
  callId,
  isOff,
  onChoose,
}: {
  sessionId: string
  callId: string
  isOff: boolean
  onChoose: (rule: RuleSuggestion) => void
}) {
  const t = useWords(words)
  const [rules, setRules] = useState<readonly RuleSuggestion[] | string>('…')
  const load = () => {
    api.ruleSuggestions(sessionId, callId).then(
      ({ suggestions }) => setRules(suggestions.length > 0 ? suggestions : t.noRule),
      (error: unknown) => setRules(tell(error).text),
    )
  }
  const items =
    typeof rules === 'string'
      ? [{ text: rules, isOff: true, onChoose: () => {} }]
      : rules.map((rule) => ({
          text: (
            <>
              {rule.scope === 'session' ? t.inSession : t.inProject}: <code>{rule.text}</code>
            </>
          ),
          onChoose: () => onChoose(rule),
        }))
  return (
    <Menu label={t.always} className="btn ghost" place="up" items={items} isDisabled={isOff} onOpen={load}>
      {t.always}
      <Chevron />
    </Menu>
  )
}
