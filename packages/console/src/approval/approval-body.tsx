import { useWords } from '../i18n/language.ts'
import { Code } from '../kit/code-block.tsx'
import { Diff } from '../kit/diff.tsx'
import { Markdown } from '../markdown/markdown.tsx'
import type { Asked } from './asked.ts'
import { words } from './words.ts'

/** What a call would do, as a fact: the diff or the command itself, never a summary of it. */
export function ApprovalBody({ asked }: { asked: Asked }) {
  const t = useWords(words)
  const { tool, arguments: values, preview, requestType } = asked
  if (requestType === 'plan') return <div className="plan prose">{<Markdown text={planOf(values)} />}</div>
  if (tool === 'execute_command') return <Command values={values} />
  if (tool === 'switch_mode') return <p className="cmd">{textOf(values['reason'])}</p>
  if (preview) {
    return (
      <>
        <Diff text={preview.diff} />
        {preview.truncated && <p className="note">{t.cut}</p>}
      </>
    )
  }
  const { content } = values
  if (preview === undefined) return <p className="cmd mute">…</p>
  return (
    <>
      <p className="note mute">{t.noPreview}</p>
      <pre className="cmd">
        {typeof content === 'string' ? (
          <Code code={content.slice(0, 20_000)} name={textOf(values['path'])} />
        ) : (
          JSON.stringify(values, null, 2)
        )}
      </pre>
    </>
  )
}

function Command({ values }: { values: Asked['arguments'] }) {
  const t = useWords(words)
  const { cwd, timeout } = values
  return (
    <>
      <pre className="cmd">
        <span className="mute">{textOf(cwd)} $</span> {textOf(values['command'])}
      </pre>
      {typeof timeout === 'number' && <p className="note mute">{t.seconds(timeout)}</p>}
    </>
  )
}

/** Whatever key the plan stands under: it is Markdown. */
function planOf(values: Asked['arguments']): string {
  return textOf(values['plan']) || textOf(values['content']) || JSON.stringify(values, null, 2)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
