import type { ReactNode } from 'react'
import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'

export type IconName =
  | 'ses'
  | 'inbox'
  | 'use'
  | 'try'
  | 'health'
  | 'search'
  | 'filter'
  | 'dots'
  | 'right'
  | 'down'
  | 'check'
  | 'x'
  | 'stop'
  | 'plus'
  | 'send'
  | 'file'
  | 'dir'
  | 'arrow'
  | 'steer'
  | 'queue'
  | 'eye'
  | 'fork'
  | 'retry'
  | 'copy'
  | 'theme'
  | 'shield'
  | 'user'
  | 'dl'
  | 'plug'
  | 'alert'

export function Icon({ name, size, className }: { name: IconName; size?: 's'; className?: string }) {
  return (
    <svg className={['i', size, className].filter(Boolean).join(' ')} aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  )
}

export function Chevron() {
  return (
    <svg className="i chev" aria-hidden="true">
      <use href="#i-down" />
    </svg>
  )
}

export type StatusName = 'wait' | 'run' | 'ok' | 'good' | 'bad' | 'idle'

/** A status by its shape, with its word for who does not see it. `label` empty: the word stands beside it. */
export function Status({ name, label }: { name: StatusName; label?: string }): ReactNode {
  const t = useWords(common)
  const words = { wait: t.waiting, run: t.running, ok: t.done, good: t.done, bad: t.failedState, idle: t.stopped }
  const word = label ?? words[name]
  const shape = name === 'good' ? 'ok' : name
  return (
    <>
      <svg className={`st st-${name}`} aria-hidden="true">
        <use href={`#t-${shape}`} />
      </svg>
      {word !== '' && <span className="vh">{word}</span>}
    </>
  )
}
