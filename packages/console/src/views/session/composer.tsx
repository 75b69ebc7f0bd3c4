import type { AgentList, ModelList } from '@codelab/protocol'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, useAgentName } from '../../kit/agent.tsx'
import { Segments } from '../../kit/button.tsx'
import { CopyButton } from '../../kit/copy-button.tsx'
import { Chevron, Icon } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { toast } from '../../kit/toast.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { useLoad } from '../../net/use-load.ts'
import type { Transcript } from '../../session/items.ts'
import { type OnBusy, send } from '../../session/send.ts'
import { Queue } from './queue.tsx'
import { words } from './words.ts'

/** What was begun to be written stays while the page does. */
const drafts = new Map<string, string>()
const maxDrafts = 50

interface ComposerProps {
  readonly sessionId: string
  readonly transcript: Transcript
  readonly model: string | undefined
  readonly hasOpenApproval: boolean
  readonly onSent: () => void
}

export function Composer({ sessionId, transcript, model, hasOpenApproval, onSent }: ComposerProps) {
  const t = useWords(words)
  const [text, setText] = useState(drafts.get(sessionId) ?? '')
  const [agent, setAgent] = useState<string>()
  const [onBusy, setOnBusy] = useState<OnBusy>('queue')
  const [trouble, setTrouble] = useState<string>()
  const [mine, setMine] = useState<readonly string[]>([])
  const box = useRef<HTMLTextAreaElement>(null)
  const isBusy = transcript.state === 'running' || transcript.state === 'tools'

  useEffect(() => {
    drafts.delete(sessionId)
    if (text !== '') drafts.set(sessionId, text)
    const [oldest] = drafts.keys()
    if (drafts.size > maxDrafts && oldest !== undefined) drafts.delete(oldest)
  }, [sessionId, text])
  useLayoutEffect(() => {
    const area = box.current
    if (!area || text === undefined) return
    area.style.height = 'auto'
    area.style.height = `${Math.min(area.scrollHeight, 240)}px`
  }, [text])

  const submit = async () => {
    const content = text.trim()
    if (content === '') return
    setText('')
    setTrouble(undefined)
    if (isBusy) setMine((old) => [...old, content].slice(-8))
    onSent()
    try {
      const message = { type: 'user_message', content, ...(agent === undefined ? {} : { agent_type: agent }) } as const
      await send(sessionId, message, isBusy ? onBusy : 'queue')
      setMine((old) => without(old, content))
    } catch (error) {
      setTrouble(tell(error).text)
      setMine((old) => without(old, content))
      setText((now) => (now === '' ? content : now))
    }
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Tab' && isBusy && !event.shiftKey && text !== '') {
      event.preventDefault()
      setOnBusy(onBusy === 'queue' ? 'steer' : 'queue')
    }
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void submit()
  }
  const attach = `codelab chat --session ${sessionId}`
  return (
    <div className="composer">
      <div className="in">
        {hasOpenApproval && text !== '' && (
          <div className="hint w">
            <Icon name="alert" size="s" />
            {t.closesApproval}
          </div>
        )}
        {trouble !== undefined && (
          <div className="hint trouble" role="alert">
            <Icon name="alert" size="s" />
            {t.notSent} {trouble}
          </div>
        )}
        <Queue count={transcript.queued.length} mine={mine} />
        <div className="box">
          <textarea
            ref={box}
            rows={1}
            aria-label={t.message}
            placeholder={t.placeholder}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKey}
          />
          <div className="cbar">
            <AgentPicker sessionId={sessionId} agent={agent} onChoose={setAgent} />
            <ModelPicker sessionId={sessionId} model={model} />
            <span className="grow" />
            {isBusy ? (
              <Segments
                label={t.deliver}
                value={onBusy === 'steer' ? 'steer' : 'queue'}
                options={[
                  ['queue', t.queue],
                  ['steer', t.steer],
                ]}
                onChoose={setOnBusy}
              />
            ) : (
              <span className="mute no-phone small">{t.enterHint}</span>
            )}
            <button
              type="button"
              className="btn pri sendb"
              aria-label={isBusy && onBusy === 'steer' ? t.steerNow : t.send}
              disabled={text.trim() === ''}
              onClick={() => void submit()}
            >
              <Icon name={isBusy && onBusy === 'steer' ? 'steer' : 'send'} />
            </button>
          </div>
        </div>
        <div className="hint no-phone">
          {isBusy ? (
            t.deliverHint
          ) : (
            <>
              <span className="cut">
                {t.noFolder} <code>{attach}</code>
              </span>
              <CopyButton text={attach} />
            </>
          )}
        </div>
      </div>
    </div>
  )
}

function without(texts: readonly string[], gone: string): readonly string[] {
  const place = texts.indexOf(gone)
  return texts.filter((_, index) => index !== place)
}

function AgentPicker({
  sessionId,
  agent,
  onChoose,
}: {
  sessionId: string
  agent: string | undefined
  onChoose: (agent: string | undefined) => void
}) {
  const t = useWords(words)
  const name = useAgentName()
  const { data } = useLoad<AgentList>(`agents ${sessionId}`, () => api.agents())
  const agents = (data?.agents ?? []).filter(({ type }) => type !== 'orchestrator')
  const items = [
    { text: t.auto, isChosen: agent === undefined, onChoose: () => onChoose(undefined) },
    ...agents.map(({ type, description }) => ({
      text: (
        <span className="row" title={description}>
          <AgentMark agent={type} size="xs" />
          {name(type)}
        </span>
      ),
      isChosen: agent === type,
      onChoose: () => onChoose(type),
    })),
  ]
  return (
    <Menu label={t.agent} className="pick" place="up left" items={items}>
      <AgentMark agent={agent ?? 'orchestrator'} size="xs" />
      {agent === undefined ? t.auto : name(agent)}
      <Chevron />
    </Menu>
  )
}

function ModelPicker({ sessionId, model }: { sessionId: string; model: string | undefined }) {
  const t = useWords(words)
  const { data } = useLoad<ModelList>('models', () => api.models())
  const [chosen, setChosen] = useState<string>()
  const models = data?.models ?? []
  const shown = chosen ?? model ?? models.find((item) => item.default)?.alias ?? ''
  const choose = async (alias: string) => {
    try {
      await api.chooseModel(sessionId, alias)
      setChosen(alias)
    } catch (error) {
      toast({ text: tell(error).text })
    }
  }
  const items = models.map(({ alias }) => ({
    text: alias,
    isChosen: alias === shown,
    onChoose: () => void choose(alias),
  }))
  return (
    <Menu label={t.model} className="pick" place="up left" items={items}>
      <span className="cut">{shown}</span>
      <Chevron />
    </Menu>
  )
}
