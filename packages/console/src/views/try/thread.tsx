import { useEffect, useRef } from 'react'
import { common } from '../../i18n/common.ts'
import { clock, duration, fullTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, AgentName, useAgentName } from '../../kit/agent.tsx'
import { Button } from '../../kit/button.tsx'
import { Icon, Status } from '../../kit/icon.tsx'
import { Empty } from '../../kit/states.tsx'
import { Markdown } from '../../markdown/markdown.tsx'
import { Approval, QuestionCard } from './approval.tsx'
import type { DoneCall, Item, Shown } from './stage.ts'
import { words } from './words.ts'

interface ThreadProps {
  readonly shown: Shown
  readonly model: string
  readonly draft: string | undefined
  readonly onEdit: (isEditing: boolean) => void
  readonly onAgain: () => void
}

export function Thread({ shown, model, draft, onEdit, onAgain }: ThreadProps) {
  const t = useWords(words)
  const agentName = useAgentName()
  const outer = useRef<HTMLElement>(null)
  const isAtEnd = useRef(true)
  const { items, asked, isRunning, agent } = shown
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is drawn anew may have grown
  useEffect(() => {
    if (isAtEnd.current) outer.current?.scrollTo({ top: outer.current.scrollHeight })
  }, [shown])
  return (
    <section
      ref={outer}
      className="thread"
      aria-label={t.chat}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40
      }}
    >
      {items.length === 0 && (
        <Empty title={t.emptyTitle}>
          <span>{t.emptyHint}</span>
        </Empty>
      )}
      <div className="col">
        {items.map((item, index) => (
          <ItemView
            key={item.id}
            item={item}
            model={model}
            isFirstOfAgent={!isSameAgent(items[index - 1], item)}
            isLast={index === items.length - 1}
            onAgain={onAgain}
          />
        ))}
        {asked &&
          (asked.preview.kind === 'question' ? (
            <QuestionCard key={asked.call.callId} asked={asked} agent={agent} />
          ) : (
            <Approval key={asked.call.callId} asked={asked} workspace={shown.workspace} draft={draft} onEdit={onEdit} />
          ))}
      </div>
      <p className="vh" role="status">
        {isRunning && !asked ? t.answering(agentName(agent)) : ''}
        {asked ? t.waits(asked.call.tool) : ''}
      </p>
    </section>
  )
}

function isSameAgent(before: Item | undefined, item: Item): boolean {
  const of = (each: Item | undefined) => (each?.kind === 'text' || each?.kind === 'calls' ? each.agent : undefined)
  const isBetween = before?.kind === 'receipt'
  return of(item) !== undefined && (of(before) === of(item) || isBetween)
}

interface ItemProps {
  readonly item: Item
  readonly model: string
  readonly isFirstOfAgent: boolean
  readonly isLast: boolean
  readonly onAgain: () => void
}

function ItemView({ item, model, isFirstOfAgent, isLast, onAgain }: ItemProps) {
  const t = useWords(words)
  const c = useWords(common)
  switch (item.kind) {
    case 'user':
      return (
        <article className="m user">
          <span className="who" aria-hidden="true">
            <Icon name="user" size="s" />
          </span>
          <div>
            <div className="by">
              <b>{t.you}</b>
              <time className="num" title={fullTime(item.at)}>
                {clock(item.at)}
              </time>
            </div>
            <div className="prose">{item.text}</div>
          </div>
        </article>
      )
    case 'switch': {
      const sure = { high: t.high, medium: t.medium, low: t.low }[item.confidence ?? '']
      return (
        <div className="handoff">
          <AgentMark agent={item.from} size="xs" />
          <span className="arrow">
            <Icon name="arrow" size="s" />
          </span>
          <AgentMark agent={item.to} size="xs" />
          <AgentName agent={item.to} />
          <span className="why">{item.reason}</span>
          <span className="m2">{sure}</span>
        </div>
      )
    }
    case 'text':
      return (
        <article className="m">
          {isFirstOfAgent ? <AgentMark agent={item.agent} /> : <span />}
          <div>
            {isFirstOfAgent && <By agent={item.agent} model={model} />}
            <div className="prose">
              <Markdown text={item.text} isComplete={!item.isOpen} />
              {item.isOpen && <i className="caret" />}
            </div>
          </div>
        </article>
      )
    case 'calls':
      return (
        <article className="m">
          {isFirstOfAgent ? <AgentMark agent={item.agent} /> : <span />}
          <div>
            {isFirstOfAgent && <By agent={item.agent} model={model} />}
            <div className="calls">
              {item.calls.map((done) => (
                <CallRow key={`${done.call.callId} ${done.outcome.summary}`} done={done} />
              ))}
            </div>
          </div>
        </article>
      )
    case 'receipt':
      return <Receipt item={item} />
    case 'notice':
      return <p className="note-row">{item.text}</p>
    default: {
      const text =
        { disconnected: t.disconnected, interrupted: t.interrupted, not_found: t.gone }[item.failure.code] ??
        item.failure.text
      return (
        <section className="failed" role="alert">
          <div className="row">
            <Status name="bad" label="" />
            <b>{t.failed}</b>
          </div>
          <p className="sec">{text}</p>
          <div className="row">
            {isLast && (
              <Button icon="retry" onClick={onAgain}>
                {t.tryAgain}
              </Button>
            )}
            {item.failure.requestId && <span className="mono mute">{c.requestId(item.failure.requestId)}</span>}
          </div>
        </section>
      )
    }
  }
}

function By({ agent, model }: { agent: string; model: string }) {
  const agentName = useAgentName()
  return (
    <div className="by">
      <b>{agentName(agent)}</b>
      <span>{model}</span>
    </div>
  )
}

function CallRow({ done: { call, outcome, ms } }: { done: DoneCall }) {
  const t = useWords(words)
  const { path, query, command, source_path: source } = call.arguments
  const about = [path, query, command, source].find((value) => typeof value === 'string')
  const said = outcome.ok ? (outcome.text ?? JSON.stringify(outcome.result, null, 2)) : outcome.error
  return (
    <details className="call">
      <summary>
        <Status name={outcome.ok ? 'good' : 'bad'} />
        <span className="tn">{call.tool}</span>
        <span className="ta cut grow">{typeof about === 'string' ? about : ''}</span>
        <span className={outcome.ok ? 'tr' : 'tr e'}>{outcome.summary}</span>
        <span className="td no-phone">{ms < 1 ? `<${duration(1)}` : duration(ms)}</span>
      </summary>
      <div className="bd">
        <div className="oh">{t.arguments}</div>
        <pre>{JSON.stringify(call.arguments, null, 2).slice(0, 4000)}</pre>
        <div className="oh">{t.result}</div>
        <pre>{said === '' ? t.noOutput : said.slice(0, 8000)}</pre>
      </div>
    </details>
  )
}

function Receipt({ item: { call, decision, at } }: { item: Extract<Item, { kind: 'receipt' }> }) {
  const t = useWords(words)
  const kind = decision === 'elsewhere' ? decision : decision.kind
  const text = { approve: t.approved, edit: t.edited, reject: t.rejected, answer: t.answered, elsewhere: t.elsewhere }[
    kind
  ]
  const said =
    decision === 'elsewhere'
      ? ''
      : decision.kind === 'reject'
        ? decision.feedback
        : decision.kind === 'answer'
          ? decision.text
          : ''
  const path = call.arguments['path'] ?? call.arguments['source_path']
  return (
    <div className="receipt">
      <Status name={kind === 'reject' ? 'bad' : 'ok'} label="" />
      <span className="cut">
        {text} {typeof path === 'string' && <code>{path}</code>} {said !== '' && <q>{said}</q>}
      </span>
      <span className="grow" />
      <time className="mute num">{clock(at)}</time>
    </div>
  )
}
