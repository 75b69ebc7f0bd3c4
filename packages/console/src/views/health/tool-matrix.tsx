import { useWords } from '../../i18n/language.ts'
import { AgentMark, useAgentName } from '../../kit/agent.tsx'
import type { Known } from './known.ts'
import { words } from './words.ts'

/** Which agent may call which tool, and where a person is asked. */
export function ToolMatrix({ known: { agents, overview } }: { known: Known }) {
  const t = useWords(words)
  const name = useAgentName()
  const offered = new Set(agents.agents.flatMap(({ allowed_tools: tools }) => tools))
  const facts = new Map(overview?.tools.map((tool) => [tool.name, tool]) ?? [])
  const order = ['read', 'write', 'execute', 'ask', 'handoff', 'finish']
  const tools = [...offered].sort((a, b) => {
    return order.indexOf(facts.get(a)?.class ?? '') - order.indexOf(facts.get(b)?.class ?? '')
  })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="panel wide" id="tools" tabIndex={0} aria-label={t.inMode}>
      <table className="tb mx">
        <thead>
          <tr>
            <th>{t.agent}</th>
            {tools.map((tool) => (
              <th key={tool} title={facts.get(tool)?.declared_only ? t.declared : ''}>
                {tool}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {agents.agents.map((agent) => (
            <tr key={agent.type}>
              <td>
                <span className="row">
                  <AgentMark agent={agent.type} size="xs" />
                  {name(agent.type)}
                </span>
              </td>
              {tools.map((tool) => {
                const fact = facts.get(tool)
                if (!agent.allowed_tools.includes(tool)) {
                  return (
                    <td key={tool}>
                      <span aria-hidden="true" className="mute">
                        –
                      </span>
                      <span className="vh">{t.notOffered}</span>
                    </td>
                  )
                }
                return (
                  <td key={tool}>
                    {fact?.asks ? (
                      <span className="chip wait">{t.asks}</span>
                    ) : (
                      <span className="sec">{fact ? t.allowed : t.offered}</span>
                    )}
                    {agent.has_file_restrictions && fact?.class === 'write' && (
                      <span className="mute"> {t.asksLimited}</span>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
