import { memo, useState } from 'react'
import { callSubject } from '../../approval/call-subject.ts'
import { bytes, duration } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { CopyButton } from '../../kit/copy-button.tsx'
import { Icon, Status, type StatusName } from '../../kit/icon.tsx'
import { useNow } from '../../kit/use-now.ts'
import type { CallItem, CallState } from '../../session/items.ts'
import { outputOf, type Summary, summaryOf } from './call-summary.ts'
import { words } from './words.ts'

const marks: Readonly<Record<CallState, StatusName>> = {
  waiting: 'wait',
  running: 'run',
  done: 'good',
  failed: 'bad',
  rejected: 'bad',
  cancelled: 'idle',
}

/** A call on one line; what it was given and what came of it when it is opened. */
export const CallCard = memo(function CallCard({ call }: { call: CallItem }) {
  const [isOpen, open] = useState(false)
  return (
    <details className="call" onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        <Status name={marks[call.state]} />
        <span className="tn">{call.tool}</span>
        <span className="ta cut grow" title={callSubject(call.tool, call.arguments)}>
          {callSubject(call.tool, call.arguments)}
        </span>
        <Said call={call} />
        <span className="td">
          {call.state === 'running' && call.startedAt !== undefined ? (
            <Running since={call.startedAt} />
          ) : (
            call.startedAt !== undefined &&
            call.endedAt !== undefined &&
            duration(Date.parse(call.endedAt) - Date.parse(call.startedAt))
          )}
        </span>
        <Icon name="right" className="chev" />
      </summary>
      {isOpen && <Body call={call} />}
    </details>
  )
})

function Said({ call }: { call: CallItem }) {
  const t = useWords(words)
  if (call.state === 'rejected') return <span className="tr e">{t.rejectedCall}</span>
  if (call.state === 'cancelled') return <span className="tr">{t.cancelledCall}</span>
  const summary = summaryOf(call)
  if (!summary) return null
  const isBad = call.state === 'failed' || (summary.kind === 'exit' && summary.code !== 0)
  return <span className={isBad ? 'tr e cut' : 'tr'}>{worded(summary, t)}</span>
}

function worded(summary: Summary, t: ReturnType<typeof useWords<(typeof words)['en']>>): string {
  if (summary.kind === 'text') return summary.text
  return summary.kind === 'exit' ? t.exit(summary.code) : t[summary.kind](summary.count)
}

function Running({ since }: { since: string }) {
  const now = useNow(1000)
  return duration(Math.max(0, now - Date.parse(since)))
}

function Body({ call }: { call: CallItem }) {
  const t = useWords(words)
  const output = outputOf(call)
  return (
    <div className="bd">
      <Part title={t.arguments} text={pretty(JSON.stringify(call.arguments))} />
      {call.result !== undefined && <Part title={t.result} text={output ?? pretty(call.result)} />}
    </div>
  )
}

const firstLength = 20_000

/** Long text is drawn in part: a page that draws 5 MB stands still. */
function Part({ title, text }: { title: string; text: string }) {
  const t = useWords(words)
  const [length, setLength] = useState(firstLength)
  const left = text.length - length
  return (
    <>
      <div className="oh">
        {title}
        <span className="grow" />
        {text.length > 1000 && bytes(text.length)}
        <CopyButton text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <pre tabIndex={0}>{text === '' ? t.noOutput : text.slice(0, length)}</pre>
      {left > 0 && (
        <Button kind="ghost" size="s" onClick={() => setLength(length * 4)}>
          {t.showMore(bytes(left))}
        </Button>
      )}
    </>
  )
}

const longestPretty = 200_000

function pretty(json: string): string {
  if (json.length > longestPretty) return json
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}
