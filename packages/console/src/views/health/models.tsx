import type { ModelItem } from '@codelab/protocol'
import { compact } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { words } from './words.ts'

export function Models({ models }: { models: readonly ModelItem[] }) {
  const t = useWords(words)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="panel wide" id="models" tabIndex={0} aria-label={t.models}>
      <table className="tb">
        <thead>
          <tr>
            <th>{t.model}</th>
            <th>{t.provider}</th>
            <th>{t.state}</th>
            <th className="r">{t.context}</th>
            <th>{t.fallback}</th>
          </tr>
        </thead>
        <tbody>
          {models.map(({ alias, id, provider, upstream, context, fallback, default: isDefault }) => (
            <tr key={alias}>
              <td>
                <code>{alias}</code>
                {id !== alias && <code className="mute"> {id}</code>}{' '}
                {isDefault && <span className="chip">{t.default}</span>}
              </td>
              <td>{provider}</td>
              <td>
                {upstream ? (
                  <span className={`chip ${upstream.state === 'closed' ? 'ok' : 'bad'}`}>
                    {t.breaker(upstream.state)}
                  </span>
                ) : (
                  '–'
                )}
              </td>
              <td className="r">{context === null ? '–' : compact(context)}</td>
              <td>{fallback.length === 0 ? '–' : <code>{fallback.join(', ')}</code>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
