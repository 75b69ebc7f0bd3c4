import type { Overview } from '@codelab/protocol'
import { useState } from 'react'
import { useWords } from '../../i18n/language.ts'
import { Segments } from '../../kit/button.tsx'
import { words } from './words.ts'

/** Every setting and where it comes from. Secrets are described by the server, never sent. */
export function Settings({ settings }: { settings: Overview['settings'] }) {
  const t = useWords(words)
  const [which, setWhich] = useState<'set' | 'all'>('set')
  const shown = which === 'all' ? settings : settings.filter(({ source }) => source !== 'default')
  const from = (source: string) =>
    source === 'default' ? t.default : source === 'environment' ? t.environment : source
  return (
    <section className="panel wide" id="settings" aria-label={t.settings}>
      <header>
        <h2>{t.settings}</h2>
        <span className="grow" />
        <Segments
          label={t.settings}
          value={which}
          options={[
            ['set', t.onlySet],
            ['all', t.all],
          ]}
          onChoose={setWhich}
        />
      </header>
      <table className="tb">
        <thead>
          <tr>
            <th>{t.setting}</th>
            <th>{t.value}</th>
            <th>{t.from}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ name, value, source, about }) => (
            <tr key={name}>
              <td title={about}>
                <code>{name}</code>
              </td>
              <td>{value === null ? <span className="mute">{t.notSet}</span> : <code>{value}</code>}</td>
              <td>{from(source)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
