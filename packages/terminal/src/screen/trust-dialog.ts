import type { FolderTrust } from '../trust/folder-trust.ts'
import type { Dialog, DialogHost, DialogView } from './dialog.ts'
import type { Key } from './keys.ts'
import { ConfirmDialog } from './line-dialogs.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'

/** A question that can also be left open: Esc decides nothing, and it is asked again next time. */
class OpenQuestion implements Dialog {
  readonly waits = true
  readonly #inner: ConfirmDialog
  readonly #settle: (answer: boolean | undefined) => void

  constructor(inner: ConfirmDialog, settle: (answer: boolean | undefined) => void) {
    this.#inner = inner
    this.#settle = settle
  }

  view(size: Size): DialogView {
    return this.#inner.view(size)
  }

  key(key: Key, now: number, lineIsEmpty: boolean): boolean {
    if (key.name === 'escape' && lineIsEmpty) {
      this.#settle(undefined)
      return true
    }
    return this.#inner.key(key, now, lineIsEmpty)
  }
}

/** Asks whether the settings of the folder may count, once for each of their contents. */
export async function askTrust(
  host: DialogHost,
  trust: FolderTrust,
  options: { style: Style; now: () => number; signal: AbortSignal },
): Promise<void> {
  if (!trust.mustAsk) return
  const { style, now, signal } = options
  const texts = { style, lines: trust.question(), shownAt: now(), yes: 'trust these settings', no: 'do not use them' }
  const answer = await host.ask<boolean | undefined>(
    (settle) => new OpenQuestion(new ConfirmDialog(texts, settle), settle),
    undefined,
    signal,
  )
  if (answer !== undefined) trust.decide(answer)
}
