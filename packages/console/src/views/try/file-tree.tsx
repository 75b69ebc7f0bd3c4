import type { CSSProperties } from 'react'
import { useWords } from '../../i18n/language.ts'
import { Icon } from '../../kit/icon.tsx'
import { folderOf, nameOf } from './paths.ts'
import { words } from './words.ts'
import type { Workspace } from './workspace.ts'

interface FileTreeProps {
  readonly workspace: Workspace
  /** Path of a file that is proposed, written or not. */
  readonly proposed: string | undefined
  readonly current: string | undefined
  readonly onOpen: (path: string) => void
}

interface Entry {
  readonly path: string
  readonly depth: number
  readonly isFolder: boolean
}

export function FileTree({ workspace, proposed, current, onOpen }: FileTreeProps) {
  const t = useWords(words)
  return (
    <nav className="tree" aria-label={t.files}>
      <h2>
        {workspace.name}
        <span className="mute">{t.fileCount(workspace.files.size)}</span>
      </h2>
      <ul>
        {entriesOf(workspace, proposed).map(({ path, depth, isFolder }) => (
          <li key={path} style={{ '--d': depth } as CSSProperties}>
            {isFolder ? (
              <span className="node">
                <Icon name="dir" size="s" />
                <span className="cut">{nameOf(path)}</span>
              </span>
            ) : (
              <button type="button" className="node" aria-current={path === current} onClick={() => onOpen(path)}>
                <Icon name="file" size="s" />
                <span className="cut">{nameOf(path)}</span>
                <Tag workspace={workspace} path={path} isProposed={path === proposed} />
              </button>
            )}
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Tag({ workspace, path, isProposed }: { workspace: Workspace; path: string; isProposed: boolean }) {
  const t = useWords(words)
  const state = workspace.read(path) === undefined ? 'new' : workspace.stateOf(path)
  if (isProposed) {
    return (
      <span className="tag ask" title={t.proposed}>
        <span aria-hidden="true">{state === 'new' ? '+' : '±'}</span>
        <span className="vh">{t.proposed}</span>
      </span>
    )
  }
  if (state === 'same') return null
  return (
    <span className="tag plus" title={state === 'new' ? t.isNew : t.isChanged}>
      <span aria-hidden="true">{state === 'new' ? '+' : '•'}</span>
      <span className="vh">{state === 'new' ? t.isNew : t.isChanged}</span>
    </span>
  )
}

/** Folders before files, each by its name, what lies in a folder below it. */
function entriesOf(workspace: Workspace, proposed: string | undefined): readonly Entry[] {
  const files = new Set(workspace.files.keys())
  const folders = new Set(workspace.folders)
  if (proposed !== undefined) {
    files.add(proposed)
    for (let folder = folderOf(proposed); folder !== '.'; folder = folderOf(folder)) folders.add(folder)
  }
  const entries: Entry[] = []
  const walk = (folder: string, depth: number) => {
    for (const isFolder of [true, false]) {
      const inside = [...(isFolder ? folders : files)].filter((path) => folderOf(path) === folder)
      for (const path of inside.sort((a, b) => a.localeCompare(b, 'en'))) {
        entries.push({ path, depth, isFolder })
        if (isFolder) walk(path, depth + 1)
      }
    }
  }
  walk('.', 0)
  return entries
}
