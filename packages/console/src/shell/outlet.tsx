import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react'
import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'
import { Empty, Failed, Loading } from '../kit/states.tsx'
import { useRoute, type ViewName, type ViewProps } from '../router.ts'

const Sessions = lazy(() => import('../views/sessions/view.tsx'))

/** One chunk for each view. */
const views: Readonly<Record<ViewName, ComponentType<ViewProps>>> = {
  sessions: Sessions,
  session: Sessions,
  inbox: lazy(() => import('../views/inbox/view.tsx')),
  usage: lazy(() => import('../views/usage/view.tsx')),
  try: lazy(() => import('../views/try/view.tsx')),
  rules: lazy(() => import('../views/rules/view.tsx')),
  health: lazy(() => import('../views/health/view.tsx')),
  'first-run': lazy(() => import('../views/first-run/view.tsx')),
}

export function Outlet() {
  const route = useRoute()
  const t = useWords(common)
  const name = route.view
  if (name === undefined) {
    return (
      <Empty title={t.notHere}>
        <span>{t.notHereHint}</span>
      </Empty>
    )
  }
  const View = views[name]
  return (
    <Fence key={name === 'session' ? 'sessions' : name}>
      <Suspense fallback={<Loading />}>
        <View route={route} />
      </Suspense>
    </Fence>
  )
}

/** A view that breaks takes nothing else with it. */
class Fence extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return <Failed error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
  }
}
