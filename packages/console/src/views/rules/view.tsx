import './style.css'
import type { ListedRule } from '@codelab/protocol'
import { useState } from 'react'
import { common } from '../../i18n/common.ts'
import { fullTime, shortTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Empty, Failed, Loading } from '../../kit/states.tsx'
import { toast } from '../../kit/toast.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { useLoad } from '../../net/use-load.ts'
import { to } from '../../router.ts'
import { Effect } from './effect.tsx'
import { TryRule } from './try-rule.tsx'
import { words } from './words.ts'

const everyMs = 10_000

export default function View() {
  const t = useWords(words)
  const c = useWords(common)
  const { data, error, isLoading, reload } = useLoad('rules', () => api.rules(), { everyMs })
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set())
  const made = data?.rules.filter(({ id }) => id !== null && !gone.has(id)).toReversed() ?? []
  const builtIn = data?.rules.filter(({ source }) => source === 'built-in') ?? []

  const revoke = ({ id, pattern }: ListedRule) => {
    if (id === null) return
    setGone(new Set(gone).add(id))
    const back = () => setGone((now) => new Set([...now].filter((one) => one !== id)))
    toast({
      text: t.revoked(pattern),
      undo: back,
      commit: () => {
        api.deleteRule(id).then(reload, (failure) => {
          back()
          toast({ text: tell(failure).text })
        })
      },
    })
  }
  return (
    <section className="view" aria-label={c.rules}>
      <header className="top">
        <h1>{c.rules}</h1>
        <span className="grow" />
        <span className="mute no-phone">{t.order}</span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className="page" tabIndex={0} aria-label={t.all}>
        <div className="grid rules-view">
          <TryRule />
          {error !== undefined && <Failed error={error} onRetry={reload} />}
          {isLoading && !data && <Loading rows={4} />}
          {data && (
            <section className="panel wide" aria-label={t.made}>
              <header>
                <h2>{t.made}</h2>
                <span className="mute">{t.howTo}</span>
              </header>
              {made.length === 0 ? (
                <Empty title={t.none}>
                  <span>{t.noneHint}</span>
                </Empty>
              ) : (
                <MadeRules rules={made} onRevoke={revoke} />
              )}
            </section>
          )}
          {builtIn.length > 0 && <BuiltIn rules={builtIn} />}
        </div>
      </section>
    </section>
  )
}

function MadeRules({ rules, onRevoke }: { rules: readonly ListedRule[]; onRevoke: (rule: ListedRule) => void }) {
  const t = useWords(words)
  return (
    <table className="tb">
      <thead>
        <tr>
          <th>{t.effect}</th>
          <th>{t.tool}</th>
          <th>{t.pattern}</th>
          <th>{t.where}</th>
          <th>{t.by}</th>
          <th className="r">{t.since}</th>
          <th>
            <span className="vh">{t.revoke}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.id}>
            <td>
              <Effect effect={rule.effect} />
            </td>
            <td>
              <code>{rule.tool}</code>
            </td>
            <td>
              <code>{rule.pattern}</code>
            </td>
            <td>
              {rule.project ? (
                t.project(rule.project.name)
              ) : rule.session_id ? (
                <a href={to('session', rule.session_id)}>{t.session}</a>
              ) : (
                t.everywhere
              )}
            </td>
            <td>{rule.created_by ?? '–'}</td>
            <td className="r" title={rule.created_at ? fullTime(rule.created_at) : ''}>
              {rule.created_at && shortTime(rule.created_at)}
            </td>
            <td className="r">
              <Button size="s" kind="ghost" onClick={() => onRevoke(rule)}>
                {t.revoke}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function BuiltIn({ rules }: { rules: readonly ListedRule[] }) {
  const t = useWords(words)
  const [isOpen, open] = useState(false)
  return (
    <section className="panel" aria-label={t.builtIn}>
      <button type="button" className="fold" aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        {isOpen ? t.hideBuiltIn : t.showBuiltIn(rules.length)}
      </button>
      {isOpen && (
        <ul className="built-in">
          {rules.map(({ tool, pattern, effect }) => (
            <li key={`${tool} ${pattern}`}>
              <Effect effect={effect} /> <code>{tool}</code> <code className="mute">{pattern}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
