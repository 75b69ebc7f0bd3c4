import '../../approval/style.css'
import '../session/style.css'
import './style.css'
import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'
import { Button, Segments } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { toast } from '../../kit/toast.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { useSignIn } from '../../net/sign-in-state.ts'
import { useLoad } from '../../net/use-load.ts'
import { to } from '../../router.ts'
import { Composer } from './composer.tsx'
import { downloadZip, readFolder } from './disk.ts'
import { Editor } from './editor.tsx'
import { FileTree } from './file-tree.tsx'
import { nameOf } from './paths.ts'
import { type Asked, Stage } from './stage.ts'
import { Thread } from './thread.tsx'
import type { Preview } from './tool.ts'
import { words } from './words.ts'
import type { Workspace } from './workspace.ts'

const stage = new Stage((sessionId) => api.cancel(sessionId))
const mostOpen = 8
const first = 'src/add.ts'
const panes = ['chat', 'editor', 'files'] as const
type Pane = (typeof panes)[number]

/** Whose the stage is: what one person did in this tab is nothing for the next who signs in. Null: the operator's. */
let owner: string | null | undefined

/** A workspace in the page's memory: the whole loop, without a client to install. */
export default function Try() {
  const { kind, user } = useSignIn()
  useLayoutEffect(() => {
    if (kind !== 'in' || user === owner) return
    if (owner !== undefined) stage.startOver()
    owner = user
  }, [kind, user])
  return <Bench />
}

function Bench() {
  const t = useWords(words)
  const c = useWords(common)
  const shown = useSyncExternalStore(stage.onChange, () => stage.shown)
  const { workspace, asked, items } = shown
  useSyncExternalStore(workspace.onChange, () => workspace.files)
  const [open, setOpen] = useState<readonly string[]>([first])
  const [current, setCurrent] = useState<string | undefined>(first)
  const [draft, setDraft] = useState<string>()
  const [pane, setPane] = useState<Pane>('chat')
  const [alias, setAlias] = useState<string>()
  const models = useLoad('models', () => api.models())
  const agents = useLoad('agents', () => api.agents())
  const proposal = proposalOf(asked?.preview)

  const openFile = useCallback((path: string) => {
    setOpen((paths) => (paths.includes(path) ? paths : [...paths, path].slice(-mostOpen)))
    setCurrent(path)
  }, [])
  const show = (path: string) => {
    openFile(path)
    setPane('editor')
  }
  const proposed = proposal?.path
  useEffect(() => {
    if (proposed !== undefined) openFile(proposed)
    setDraft(undefined)
  }, [proposed, openFile])
  useWrites(shown.items.length)

  const close = (path: string) => {
    const left = open.filter((other) => other !== path)
    setOpen(left)
    if (current === path) setCurrent(left.at(-1))
  }
  const startOver = () => {
    stage.startOver()
    setOpen([first])
    setCurrent(first)
    setDraft(undefined)
    toast({ text: t.startedOver })
  }
  const opened = (folder: Workspace, left: number) => {
    stage.begin(folder)
    const readme = folder.below('.').find((path) => /^readme/i.test(path)) ?? folder.below('.')[0]
    setOpen(readme === undefined ? [] : [readme])
    setCurrent(readme)
    setDraft(undefined)
    toast({ text: t.openedSome(folder.files.size, left) })
  }
  const edit = (isEditing: boolean) => {
    setDraft(isEditing && asked?.preview.kind === 'write' ? asked.preview.after : undefined)
    if (isEditing && proposed !== undefined) show(proposed)
  }
  const chooseModel = async (chosen: string) => {
    try {
      await api.createSession(shown.sessionId).catch(() => undefined)
      await api.chooseModel(shown.sessionId, chosen)
      setAlias(chosen)
    } catch (error) {
      toast({ text: tell(error).text })
    }
  }
  const said = items.findLast((item) => item.kind === 'user')
  const all = models.data?.models ?? []
  const model = all.find((each) => each.alias === alias) ?? all.find((each) => each.default) ?? all[0]
  const step = workspace.lastStep
  return (
    <section className="view s-try" aria-label={c.tryIt}>
      <header className="top">
        <h1>{c.tryIt}</h1>
        <span className="chip line no-phone">{t.virtual}</span>
        <span className="grow" />
        {items.length > 0 && (
          <a className="btn ghost no-phone" href={to('session', shown.sessionId)}>
            {t.inSessions}
          </a>
        )}
        {step && step.changes.length > 0 && (
          <Button onClick={undo}>{t.undoStep(nameOf(step.changes[0]?.path ?? ''))}</Button>
        )}
        <FolderButton onOpened={opened} />
        <Button
          className="no-phone"
          icon="dl"
          onClick={() => void downloadZip(workspace).catch(() => toast({ text: c.failed }))}
        >
          {t.zip}
        </Button>
        <Button kind="ghost" icon="retry" onClick={startOver}>
          {t.startOver}
        </Button>
      </header>
      <div className="banner">
        {shown.isLost ? (
          <span>{t.lost}</span>
        ) : (
          <>
            <Icon name="shield" size="s" />
            <span>
              <span className="no-phone">{t.live} </span>
              {model && (model.provider === 'demo' ? t.toDemo : t.toModel(model.alias))}
            </span>
            <span className="grow" />
            {model?.provider === 'demo' && <a href={to('first-run')}>{t.connect}</a>}
          </>
        )}
      </div>
      <div className="only-narrow panes">
        <Segments
          label={t.panes}
          value={pane}
          options={panes.map((name) => [name, { chat: t.chat, editor: t.editor, files: t.files }[name]] as const)}
          onChoose={setPane}
        />
      </div>
      <div className={`ide on-${pane}`}>
        <FileTree workspace={workspace} proposed={proposed} current={current} onOpen={show} />
        <Editor
          workspace={workspace}
          open={open}
          current={current}
          proposal={proposal}
          agent={shown.agent}
          draft={draft}
          onDraft={setDraft}
          onOpen={setCurrent}
          onClose={close}
        />
        <div className="chat">
          <Thread
            shown={shown}
            model={model?.alias ?? ''}
            draft={draft}
            onEdit={edit}
            onAgain={() => said?.kind === 'user' && void stage.say(said.text, undefined)}
          />
          <Composer
            agents={agents.data?.agents ?? []}
            models={all}
            model={model?.alias ?? ''}
            isRunning={shown.isRunning}
            hasBegun={items.length > 0}
            onSay={(text, agent) => void stage.say(text, agent)}
            onStop={() => stage.stop()}
            onModel={(chosen) => void chooseModel(chosen)}
          />
        </div>
      </div>
    </section>
  )

  function undo(): void {
    const undone = workspace.undo()
    const path = undone?.changes[0]?.path
    if (path !== undefined) toast({ text: t.undone(nameOf(path)) })
  }
}

function FolderButton({ onOpened }: { onOpened: (workspace: Workspace, left: number) => void }) {
  const t = useWords(words)
  const input = useRef<HTMLInputElement>(null)
  const read = async (files: readonly File[]) => {
    const found = await readFolder(files)
    if (found) onOpened(found.workspace, found.left)
    else toast({ text: t.noFiles })
  }
  return (
    <>
      <Button className="no-phone" icon="dir" onClick={() => input.current?.click()}>
        {t.openFolder}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={t.openFolder}
        // Not in the types: a whole folder instead of single files.
        {...{ webkitdirectory: '' }}
        onChange={({ currentTarget }) => {
          void read([...(currentTarget.files ?? [])]).catch(() => toast({ text: t.noFiles }))
          currentTarget.value = ''
        }}
      />
    </>
  )
}

/** Says what a tool has written, with the way back. */
function useWrites(count: number): void {
  const t = useWords(words)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each thing that happens
  useEffect(() => {
    const last = stage.shown.items.at(-1)
    const done = last?.kind === 'calls' ? last.calls.at(-1) : undefined
    const { workspace } = stage.shown
    const change = workspace.lastStep?.changes[0]
    if (!done?.outcome.ok || done.call.requiresApproval || !change || !writers.has(done.call.tool)) return
    const name = nameOf(change.path)
    toast({ text: change.after === null ? t.deleted(name) : t.written(name), undo: () => workspace.undo() })
  }, [count])
}

const writers = new Set(['write_file', 'edit_file', 'delete_file', 'move_file'])

type Proposal = Preview & { kind: 'write' | 'delete' | 'move' }

function proposalOf(preview: Asked['preview'] | undefined): Proposal | undefined {
  const isChange = preview?.kind === 'write' || preview?.kind === 'delete' || preview?.kind === 'move'
  return isChange ? preview : undefined
}
