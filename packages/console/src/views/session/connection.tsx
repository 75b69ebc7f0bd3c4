import { common } from '../../i18n/common.ts'
import { clock } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Status } from '../../kit/icon.tsx'
import { Banner } from '../../kit/states.tsx'
import { useNow } from '../../kit/use-now.ts'
import type { Connection } from '../../net/live-events.ts'
import { tryNow } from '../../session/feed.ts'
import { words } from './words.ts'

const quietMs = 1000
const calmMs = 10_000

/** Nothing for a second, then that it comes back by itself, then that the server does not answer. */
export function ConnectionBanner({
  connection,
  sessionId,
  seq,
}: {
  connection: Connection
  sessionId: string
  seq: number
}) {
  const t = useWords(words)
  const c = useWords(common)
  const now = useNow(500)
  if (connection.kind !== 'lost') return null
  const ms = now - connection.since
  if (ms < quietMs) return null
  if (ms < calmMs) {
    return (
      <Banner>
        <Status name="run" label="" />
        <span role="status">{t.reconnecting(seq)}</span>
        <span className="grow" />
        <span className="num mute">{Math.round(ms / 1000)} s</span>
      </Banner>
    )
  }
  return (
    <Banner kind="bad">
      <Status name="bad" label="" />
      <span role="alert">
        {c.unreachable} {t.seenFrom(clock(connection.since))}
      </span>
      <span className="grow" />
      <Button size="s" onClick={() => tryNow(sessionId)}>
        {c.tryNow}
      </Button>
    </Banner>
  )
}

export function ConnectionMark({ connection, isBusy }: { connection: Connection; isBusy: boolean }) {
  const t = useWords(words)
  const isLive = connection.kind === 'live'
  return (
    <span className="row mute small no-phone">
      <span className={`livedot ${isLive ? (isBusy ? 'acc' : '') : 'off'}`} />
      {isLive ? t.live : connection.kind === 'connecting' ? t.connecting : t.offline}
    </span>
  )
}
