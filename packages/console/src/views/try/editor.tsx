import { useState } from 'react'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { IconButton } from '../../kit/button.tsx'
import { Code } from '../../kit/code-block.tsx'
import { Diff } from '../../kit/diff.tsx'
import { languageOf } from '../../kit/highlight.ts'
import { Status } from '../../kit/icon.tsx'
import { Empty } from '../../kit/states.tsx'
import { toast } from '../../kit/toast.tsx'
import { linesOf } from './arguments.ts'
import { patchOf } from './patch.ts'
import { nameOf } from './paths.ts'
import type { Preview } from './tool.ts'
import { ToolError } from './tool-error.ts'
import { words } from './words.ts'
import type { Workspace } from './workspace.ts'

interface EditorProps {
  readonly workspace: Workspace
  readonly open: readonly string[]
  readonly current: string | undefined
  /** What waits for a decision; its file is shown as a diff. */
  readonly proposal: (Preview & { kind: 'write' | 'delete' | 'move' }) | undefined
  readonly agent: string
  /** The proposal as the person changes it; undefined: it is not being changed. */
  readonly draft: string | undefined
  readonly onDraft: (text: string) => void
  readonly onOpen: (path: string) => void
  readonly onClose: (path: string) => void
}

export function Editor(props: EditorProps) {
  const { workspace, current, proposal, agent, draft } = props
  const t = useWords(words)
  const agentName = useAgentName()
  const isProposed = proposal !== undefined && proposal.path === current
  const text = current === undefined ? undefined : workspace.read(current)
  const shown = isProposed && proposal.kind === 'write' ? (draft ?? proposal.after) : text
  return (
    <section className="ed" aria-label={t.editor}>
      <Tabs {...props} />
      {isProposed ? (
        <div className="banner wait">
          <Status name="wait" label="" />
          {draft === undefined ? t.proposedBy(agentName(agent)) : t.editing}
        </div>
      ) : (
        <span />
      )}
      {current === undefined || (shown === undefined && !isProposed) ? (
        <Empty title={t.noFile}>
          <span>{t.noFileHint}</span>
        </Empty>
      ) : isProposed && draft === undefined ? (
        <Proposal proposal={proposal} workspace={workspace} />
      ) : (
        <TextEditor
          key={`${current} ${isProposed}`}
          path={current}
          text={shown ?? ''}
          onChange={(typed) => {
            if (isProposed) props.onDraft(typed)
            else typeInto(workspace, current, typed)
          }}
        />
      )}
      <footer className="stat">
        {current !== undefined && (
          <>
            <span>{languageOf(nameOf(current)) ?? t.plain}</span>
            <span>UTF-8</span>
            <span>{t.lines(linesOf(shown ?? '').length)}</span>
          </>
        )}
        <span className="grow" />
        <span className="no-phone">{t.inMemory}</span>
      </footer>
    </section>
  )
}

function typeInto(workspace: Workspace, path: string, text: string): void {
  try {
    workspace.type(path, text)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    toast({ text: error.message })
  }
}

function Tabs({ open, current, proposal, onOpen, onClose }: EditorProps) {
  const t = useWords(words)
  return (
    <nav className="etabs" aria-label={t.openFiles}>
      {open.map((path) => (
        <span key={path} className="etab" aria-current={path === current}>
          <button type="button" title={path} onClick={() => onOpen(path)}>
            <span className="cut">{nameOf(path)}</span>
            {proposal?.path === path && <span className="wait">±</span>}
          </button>
          <IconButton icon="x" size="s" label={t.closeFile(nameOf(path))} onClick={() => onClose(path)} />
        </span>
      ))}
    </nav>
  )
}

function Proposal({ proposal, workspace }: { proposal: NonNullable<EditorProps['proposal']>; workspace: Workspace }) {
  if (proposal.kind === 'move') {
    return (
      <p className="code moved mono">
        {proposal.path} → {proposal.to}
      </p>
    )
  }
  const isNew = proposal.kind === 'write' && proposal.before === null
  return (
    <div className={isNew ? 'code fresh' : 'code'}>
      <Diff text={patchOf(proposal, (path) => workspace.read(path)) ?? ''} label={proposal.path} />
    </div>
  )
}

/** The text with its colours below and the field, whose own letters are not seen, above. */
function TextEditor({ path, text, onChange }: { path: string; text: string; onChange: (text: string) => void }) {
  const t = useWords(words)
  const [typed, setTyped] = useState(text)
  const [known, setKnown] = useState(text)
  if (known !== text) {
    setKnown(text)
    setTyped(text)
  }
  const lines = typed.split('\n').length
  return (
    <div className="code edit">
      <div className="gutter" aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => index + 1).join('\n')}
      </div>
      <div className="layers">
        <pre aria-hidden="true">
          <Code code={`${typed}\n`} name={nameOf(path)} />
        </pre>
        <textarea
          aria-label={t.textOf(path)}
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setKnown(event.target.value)
            onChange(event.target.value)
          }}
        />
      </div>
    </div>
  )
}
