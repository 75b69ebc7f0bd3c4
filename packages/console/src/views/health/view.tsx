import './style.css'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'

export default function View() {
  const t = useWords(common)
  return (
    <section className="view" aria-label={t.health}>
      <header className="top">
        <h1>{t.health}</h1>
      </header>
      <div className="page" />
    </section>
  )
}
