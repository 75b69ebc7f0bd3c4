import type { DeadLetters } from '@codelab/protocol'
import { fullTime, shortTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { words } from './words.ts'

export function DeadLetterTable({ letters }: { letters: DeadLetters }) {
  const t = useWords(words)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="panel wide" id="dead-letters" tabIndex={0} aria-label={t.deadLetters}>
      <table className="tb">
        <thead>
          <tr>
            <th>{t.handler}</th>
            <th>{t.event}</th>
            <th>{t.error}</th>
            <th className="r">{t.attempts}</th>
            <th className="r">{t.when}</th>
          </tr>
        </thead>
        <tbody>
          {letters.dead_letters.map((letter) => (
            <tr key={letter.id}>
              <td>{letter.handler}</td>
              <td>
                <code>{letter.event_type}</code>
              </td>
              <td title={letter.error}>{letter.error.slice(0, 100)}</td>
              <td className="r">{letter.attempts}</td>
              <td className="r" title={fullTime(letter.at)}>
                {shortTime(letter.at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
