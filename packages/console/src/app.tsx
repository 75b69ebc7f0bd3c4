import { lazy, Suspense, useEffect } from 'react'
import { common } from './i18n/common.ts'
import { useWords } from './i18n/language.ts'
import { Sprite } from './kit/sprite.tsx'
import { ToastPlace } from './kit/toast.tsx'
import { findOutWhoWeAre, useSignIn } from './net/sign-in-state.ts'
import { closeFeeds } from './session/feed.ts'
import { useKeys } from './shell/keys.ts'
import { Outlet } from './shell/outlet.tsx'
import { Rail } from './shell/rail.tsx'

const SignIn = lazy(() => import('./views/sign-in/view.tsx'))

export function App() {
  const { kind, epoch } = useSignIn()
  useEffect(() => void findOutWhoWeAre(), [])
  useEffect(() => {
    if (kind === 'out') closeFeeds()
  }, [kind])
  return (
    <>
      <Sprite />
      {kind === 'in' && <Signed key={epoch} />}
      {(kind === 'out' || kind === 'unknown') && (
        <Suspense>
          <SignIn />
        </Suspense>
      )}
      <ToastPlace />
    </>
  )
}

function Signed() {
  const t = useWords(common)
  useKeys()
  return (
    <div className="app">
      <button type="button" className="skip" onClick={() => document.querySelector<HTMLElement>('main')?.focus()}>
        {t.skip}
      </button>
      <Rail />
      <main tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}
