import { type Rule, type RuleEffect, ruleEffects, type TriedRule } from '@codelab/protocol'
import { type FormEvent, useState } from 'react'
import { fullTime, shortTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Button, Segments } from '../../kit/button.tsx'
import { Status } from '../../kit/icon.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { to } from '../../router.ts'
import { Effect } from './effect.tsx'
import { words } from './words.ts'

/** Tools whose calls ask a person, so that a rule on them says something. */
const tools = ['execute_command', 'write_file', 'edit_file', 'delete_file', 'move_file', 'create_directory']
const mostShown = 12

/** What a rule would have decided, before anybody makes it. */
export function TryRule() {
  const t = useWords(words)
  const [rule, setRule] = useState<Rule>({ tool: 'execute_command', pattern: t.example, effect: 'allow' })
  const [tried, setTried] = useState<{ readonly rule: Rule; readonly result: TriedRule }>()
  const [failure, setFailure] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setFailure(undefined)
    try {
      setTried({ rule, result: await api.tryRule({ rule }) })
    } catch (error) {
      setFailure(tell(error).text)
    }
  }
  return (
    <section className="panel try-rule" aria-label={t.tryTitle}>
      <header>
        <h2>{t.tryTitle}</h2>
        <span className="mute">{t.tryHint}</span>
      </header>
      <form onSubmit={(event) => void submit(event)}>
        <Segments
          label={t.effect}
          value={rule.effect}
          options={ruleEffects.map((effect: RuleEffect) => [effect, t[effect]] as const)}
          onChoose={(effect) => setRule({ ...rule, effect })}
        />
        <label className="field">
          <span className="vh">{t.tool}</span>
          <select value={rule.tool} onChange={(event) => setRule({ ...rule, tool: event.target.value })}>
            {tools.map((tool) => (
              <option key={tool}>{tool}</option>
            ))}
          </select>
        </label>
        <label className="field grow">
          <span className="vh">{t.pattern}</span>
          <input
            className="mono"
            required
            maxLength={500}
            value={rule.pattern}
            spellCheck={false}
            onChange={(event) => setRule({ ...rule, pattern: event.target.value })}
          />
        </label>
        <Button kind="pri" type="submit" disabled={rule.pattern.trim() === ''}>
          {t.tryNow}
        </Button>
      </form>
      {failure !== undefined && (
        <p className="verdict bad-text" role="alert">
          {failure}
        </p>
      )}
      {tried && <Verdict {...tried} />}
    </section>
  )
}

function Verdict({ rule, result }: { rule: Rule; result: TriedRule }) {
  const t = useWords(words)
  const {
    matched,
    decided,
    decided_allowed: allowed,
    decided_otherwise: otherwise,
    looked_at: lookedAt,
    calls,
  } = result
  return (
    <>
      <div className="verdict" role="status">
        <Status name={matched === 0 ? 'idle' : otherwise > 0 ? 'bad' : 'good'} label="" />
        <p>
          <b>{rule.effect === 'allow' ? t.verdict(allowed, decided) : t.verdictAsk(matched, lookedAt)}</b>{' '}
          <span className="sec">{matched === 0 ? t.noMatch : otherwise > 0 ? t.otherwise(otherwise) : t.agreed}</span>
        </p>
      </div>
      {calls.length > 0 && (
        <div className="wide">
          <table className="tb">
            <thead>
              <tr>
                <th>{t.call}</th>
                <th>{t.would}</th>
                <th>{t.was}</th>
                <th className="r">{t.when}</th>
              </tr>
            </thead>
            <tbody>
              {calls.slice(0, mostShown).map((call) => (
                <tr key={`${call.session_id} ${call.call_id}`}>
                  <td>
                    <a className="call-text" href={to('session', call.session_id)}>
                      <code>{call.subject}</code>
                    </a>
                  </td>
                  <td>
                    <Effect effect={call.effect} />
                  </td>
                  <td>{call.asked ? t.yes : t.no}</td>
                  <td className="r" title={fullTime(call.created_at)}>
                    {shortTime(call.created_at)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {matched > mostShown && <p className="note mute">{t.more(matched - mostShown)}</p>}
        </div>
      )}
    </>
  )
}
