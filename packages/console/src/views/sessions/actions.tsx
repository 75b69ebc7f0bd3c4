import { type FormEvent, type ReactNode, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { toast } from '../../kit/toast.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { go } from '../../router.ts'
import { changed, hide, show } from './list-state.ts'
import { words } from './words.ts'

/** Renaming and deleting a session, wherever it is shown. Deleting can be taken back until the toast is gone. */
export function useSessionActions(
  sessionId: string,
  title: string,
): { readonly rename: () => void; readonly remove: () => void; readonly dialog: ReactNode } {
  const t = useWords(words)
  const [isNaming, setNaming] = useState(false)
  const failed = (error: unknown) => toast({ text: tell(error).text })
  const remove = () => {
    hide(sessionId)
    if (location.hash.includes(encodeURIComponent(sessionId))) go('sessions')
    toast({
      text: t.deleted,
      undo: () => show(sessionId),
      commit: () => {
        api.deleteSession(sessionId).then(changed, (error: unknown) => {
          show(sessionId)
          failed(error)
        })
      },
    })
  }
  const save = async (name: string) => {
    setNaming(false)
    await api.renameSession(sessionId, name).then(changed, failed)
  }
  return {
    rename: () => setNaming(true),
    remove,
    dialog: isNaming && <Rename title={title} onSave={(name) => void save(name)} onClose={() => setNaming(false)} />,
  }
}

function Rename({ title, onSave, onClose }: { title: string; onSave: (name: string) => void; onClose: () => void }) {
  const t = useWords(words)
  const c = useWords(common)
  const [name, setName] = useState(title)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') onSave(name.trim())
  }
  return (
    <Dialog title={t.rename} onClose={onClose}>
      <form onSubmit={submit}>
        <label className="field">
          <input
            aria-label={t.name}
            value={name}
            maxLength={500}
            autoFocus
            onFocus={(event) => event.target.select()}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <div className="foot">
          <Button kind="ghost" onClick={onClose}>
            {c.cancel}
          </Button>
          <Button kind="pri" type="submit" disabled={name.trim() === ''}>
            {t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
