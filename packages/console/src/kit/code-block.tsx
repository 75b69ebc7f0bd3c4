import { useEffect, useState } from 'react'
import { CopyButton } from './copy-button.tsx'
import { type CodePiece, highlight, languageOf } from './highlight.ts'

/** Code with its language. It is plain at once and gets its colours when it is complete. */
export function CodeBlock({ code, name, isComplete = true }: { code: string; name: string; isComplete?: boolean }) {
  return (
    <div className="codeblock">
      <header>
        <span className="grow">{name}</span>
        <CopyButton text={code} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <pre tabIndex={0}>
        <Code code={code} name={name} isComplete={isComplete} />
      </pre>
    </div>
  )
}

export function Code({ code, name, isComplete = true }: { code: string; name: string; isComplete?: boolean }) {
  const [lines, setLines] = useState<{ code: string; lines: readonly (readonly CodePiece[])[] }>()
  const language = languageOf(name)
  useEffect(() => {
    if (!isComplete || language === undefined) return
    let isOver = false
    highlight(code, language).then(
      (read) => {
        if (read && !isOver) setLines({ code, lines: read })
      },
      () => undefined,
    )
    return () => {
      isOver = true
    }
  }, [code, language, isComplete])
  if (lines?.code !== code) return <code>{code}</code>
  return (
    <code>
      {lines.lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text do not move
        <span key={index}>
          {line.map((piece, at) =>
            piece.kind === undefined ? (
              piece.text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line do not move
              <span key={at} className={piece.kind}>
                {piece.text}
              </span>
            ),
          )}
          {'\n'}
        </span>
      ))}
    </code>
  )
}
