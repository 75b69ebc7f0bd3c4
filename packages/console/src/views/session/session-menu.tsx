import { useWords } from '../../i18n/language.ts'
import { copyText } from '../../kit/copy-button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { toast } from '../../kit/toast.tsx'
import { tell } from '../../net/failure.ts'
import { lastTranscript } from '../../session/feed.ts'
import { useSessionActions } from '../sessions/actions.tsx'
import { curlOf, download, exportJson, followCurlOf, markdownOf } from './export.ts'
import { words } from './words.ts'

/** What can be done with a session as a whole. */
export function SessionMenu({ sessionId, title }: { sessionId: string; title: string }) {
  const t = useWords(words)
  const { rename, remove, dialog } = useSessionActions(sessionId, title)
  const copy = (text: string) =>
    void copyText(text, t.curlCopied).catch((error: unknown) => toast({ text: tell(error).text }))
  const toMarkdown = () => {
    const transcript = lastTranscript(sessionId)
    if (transcript) download(`${title}.md`, markdownOf(title, transcript), 'text/markdown')
  }
  const copyLast = () => {
    const last = lastTranscript(sessionId)?.items.findLast((item) => item.kind === 'user')
    copy(curlOf(sessionId, last?.kind === 'user' ? last.text : ''))
  }
  return (
    <>
      <Menu
        label={t.menu}
        className="btn ghost icon"
        items={[
          { text: t.rename, onChoose: rename },
          { text: t.exportMarkdown, onChoose: toMarkdown },
          {
            text: t.exportJson,
            onChoose: () => void exportJson(sessionId).catch((error: unknown) => toast({ text: tell(error).text })),
          },
          { text: t.curl, onChoose: copyLast },
          { text: t.followCurl, onChoose: () => copy(followCurlOf(sessionId)) },
          { text: t.delete, isBad: true, onChoose: remove },
        ]}
      >
        <Icon name="dots" />
      </Menu>
      {dialog}
    </>
  )
}
