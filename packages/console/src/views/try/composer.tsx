import type { AgentList, ModelList } from '@codelab/protocol'
import { type KeyboardEvent, useState } from 'react'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, useAgentName } from '../../kit/agent.tsx'
import { Button } from '../../kit/button.tsx'
import { Chevron, Icon } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { words } from './words.ts'

interface ComposerProps {
  readonly agents: AgentList['agents']
  readonly models: ModelList['models']
  readonly model: string
  readonly isRunning: boolean
  readonly hasBegun: boolean
  readonly onSay: (text: string, agent: string | undefined) => void
  readonly onStop: () => void
  readonly onModel: (alias: string) => void
}

export function Composer({ agents, models, model, isRunning, hasBegun, onSay, onStop, onModel }: ComposerProps) {
  const t = useWords(words)
  const agentName = useAgentName()
  const [text, setText] = useState('')
  const [agent, setAgent] = useState<string>()
  const say = (said: string) => {
    const content = said.trim()
    if (content === '' || isRunning) return
    setText('')
    // "auto" gives the choice back, which nobody has taken in a new session.
    onSay(content, agent ?? (hasBegun ? 'auto' : undefined))
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      say(text)
    } else if (event.key === 'Escape' && isRunning) onStop()
  }
  return (
    <div className="composer">
      {!isRunning && (
        <fieldset className="sugg" aria-label={t.suggestions}>
          {[t.chipEdit, t.chipExplain, t.chipPlan].map((chip) => (
            <Button key={chip} onClick={() => say(chip)}>
              <span className="cut">{chip}</span>
            </Button>
          ))}
        </fieldset>
      )}
      <div className="box">
        <textarea
          rows={1}
          aria-label={t.message}
          placeholder={t.ask}
          maxLength={50_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
        <div className="cbar">
          <Menu
            label={`${t.agent}: ${agent === undefined ? t.auto : agentName(agent)}`}
            className="pick"
            place="up left"
            items={[
              { text: t.auto, isChosen: agent === undefined, onChoose: () => setAgent(undefined) },
              ...agents
                .filter(({ type }) => type !== 'orchestrator')
                .map(({ type }) => ({
                  text: agentName(type),
                  isChosen: agent === type,
                  onChoose: () => setAgent(type),
                })),
            ]}
          >
            <AgentMark agent={agent ?? 'orchestrator'} size="xs" />
            {agent === undefined ? t.auto : agentName(agent)}
            <Chevron />
          </Menu>
          <Menu
            label={`${t.modelName}: ${model}`}
            className="pick"
            place="up left"
            items={models.map(({ alias }) => ({
              text: alias,
              isChosen: alias === model,
              onChoose: () => onModel(alias),
            }))}
          >
            <span className="cut">{model}</span>
            <Chevron />
          </Menu>
          <span className="grow" />
          {isRunning ? (
            <Button icon="stop" hotkey="Esc" onClick={onStop}>
              {t.stop}
            </Button>
          ) : (
            <button
              type="button"
              className="btn pri sendb"
              disabled={text.trim() === ''}
              aria-label={t.send}
              onClick={() => say(text)}
            >
              <Icon name="send" />
            </button>
          )}
        </div>
      </div>
    </div>
  )
}
