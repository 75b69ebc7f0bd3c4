import { lazy, memo, Suspense } from 'react'

const Blocks = lazy(() => import('./blocks.tsx'))

/** Markdown as a fixed set of elements; its plain text until the reader of it is there. */
export const Markdown = memo(function Markdown({ text, isComplete = true }: { text: string; isComplete?: boolean }) {
  return (
    <Suspense fallback={<p className="plain">{text}</p>}>
      <Blocks text={text} isComplete={isComplete} />
    </Suspense>
  )
})
