import { common } from './i18n/common.ts'
import { useWords } from './i18n/language.ts'
import { Sprite } from './kit/sprite.tsx'
import { ToastPlace } from './kit/toast.tsx'
import { Outlet } from './shell/outlet.tsx'
import { Rail } from './shell/rail.tsx'

export function App() {
  const t = useWords(common)
  return (
    <>
      <Sprite />
      <div className="app">
        <button type="button" className="skip" onClick={focusMain}>
          {t.skip}
        </button>
        <Rail />
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <ToastPlace />
    </>
  )
}

function focusMain(): void {
  document.querySelector<HTMLElement>('main')?.focus()
}
