import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'
import { IconButton } from './button.tsx'
import { toast } from './toast.tsx'

export async function copyText(text: string, done: string): Promise<void> {
  await navigator.clipboard.writeText(text)
  toast({ text: done })
}

export function CopyButton({ text, className }: { text: string; className?: string }) {
  const t = useWords(common)
  return (
    <IconButton
      icon="copy"
      size="s"
      label={t.copy}
      {...(className === undefined ? {} : { className })}
      onClick={() => void copyText(text, t.copied).catch(() => toast({ text: t.failed }))}
    />
  )
}

/** Lines to copy into a terminal or a file. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="snip" aria-label={label} tabIndex={0}>
      {text}
      <CopyButton text={text} className="copy" />
    </section>
  )
}
