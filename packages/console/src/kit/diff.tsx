import { useMemo, useState } from 'react'
import { common } from '../i18n/common.ts'
import { dictionary, useWords } from '../i18n/language.ts'
import { Button } from './button.tsx'
import { type DiffLine, type FileDiff, readDiff } from './diff-lines.ts'

const words = dictionary(
  { diff: 'Unified diff', added: 'added', removed: 'removed', none: 'No change' },
  { diff: 'Изменения построчно', added: 'добавлено', removed: 'удалено', none: 'Изменений нет' },
)

const firstLines = 200

/** A unified diff. Long ones are drawn in part until they are asked for. */
export function Diff({ text, label }: { text: string; label?: string }) {
  const file = useMemo(() => readDiff(text), [text])
  return <DiffView file={file} {...(label === undefined ? {} : { label })} />
}

export function DiffView({
  file,
  label,
  lineLimit = firstLines,
}: {
  file: FileDiff
  label?: string
  lineLimit?: number
}) {
  const t = useWords(words)
  const c = useWords(common)
  const [limit, setLimit] = useState(lineLimit)
  const total = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
  let left = limit
  if (file.hunks.length === 0) return <p className="note mute">{t.none}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="diff" tabIndex={0} aria-label={label ?? t.diff}>
      {file.hunks.map((hunk) => {
        const lines = hunk.lines.slice(0, Math.max(0, left))
        left -= hunk.lines.length
        if (lines.length === 0) return null
        return (
          <div key={hunk.head}>
            <div className="dl h">
              <i />
              <i />
              <s />
              <code>{hunk.head}</code>
            </div>
            {lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a diff do not move
              <Line key={index} line={line} added={t.added} removed={t.removed} />
            ))}
          </div>
        )
      })}
      {total > limit && (
        <Button size="s" kind="ghost" onClick={() => setLimit(limit + 2000)}>
          {c.showMore} ({total - limit})
        </Button>
      )}
    </section>
  )
}

function Line({ line, added, removed }: { line: DiffLine; added: string; removed: string }) {
  const { kind, before, after, pieces } = line
  return (
    <div className={`dl ${kind === 'add' ? 'a' : kind === 'del' ? 'd' : ''}`}>
      <i>{before}</i>
      <i>{after}</i>
      <s>
        {kind === 'add' && <Sign sign="+" word={added} />}
        {kind === 'del' && <Sign sign="−" word={removed} />}
      </s>
      <code>
        {pieces.map((piece, index) =>
          piece.isChanged ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line do not move
            <mark key={index}>{piece.text}</mark>
          ) : (
            piece.text
          ),
        )}
        {pieces.every((piece) => piece.text === '') && ' '}
      </code>
    </div>
  )
}

function Sign({ sign, word }: { sign: string; word: string }) {
  return (
    <>
      <span aria-hidden="true">{sign}</span>
      <span className="vh">{word}</span>
    </>
  )
}
