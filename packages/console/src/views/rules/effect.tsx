import type { RuleEffect } from '@codelab/protocol'
import { useWords } from '../../i18n/language.ts'
import { words } from './words.ts'

const looks = { allow: 'ok', ask: 'wait', deny: 'bad' } as const

export function Effect({ effect }: { effect: RuleEffect }) {
  const t = useWords(words)
  return <span className={`chip ${looks[effect]}`}>{t[effect]}</span>
}
