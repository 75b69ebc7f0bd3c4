import { dictionary, useWords } from '../i18n/language.ts'

const letters: Readonly<Record<string, string>> = {
  orchestrator: 'o',
  coder: 'c',
  architect: 'a',
  debug: 'd',
  ask: 'q',
}

const names = dictionary(
  {
    orchestrator: 'Orchestrator',
    coder: 'Coder',
    architect: 'Architect',
    debug: 'Debug',
    ask: 'Ask',
    universal: 'Universal',
  },
  {
    orchestrator: 'Координатор',
    coder: 'Кодер',
    architect: 'Архитектор',
    debug: 'Отладка',
    ask: 'Вопросы',
    universal: 'Универсальный',
  },
)

/** The glyph of an agent; one of a workspace has that of the coordinator, in grey. */
export function AgentMark({ agent, size }: { agent: string; size?: 'xs' }) {
  const letter = letters[agent] ?? 'o'
  return (
    <span className={['ag', size, `ag-${letter}`].filter(Boolean).join(' ')} aria-hidden="true">
      <svg aria-hidden="true">
        <use href={`#g-${letter}`} />
      </svg>
    </span>
  )
}

export function useAgentName(): (agent: string) => string {
  const t: Readonly<Record<string, string>> = useWords(names)
  return (agent) => t[agent] ?? agent
}

export function AgentName({ agent }: { agent: string }) {
  const name = useAgentName()
  return <b className={`agn ag-${letters[agent] ?? 'o'}`}>{name(agent)}</b>
}
