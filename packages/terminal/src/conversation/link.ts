import type { Client, ClientProfile } from '@codelab/protocol'
import { createClient } from '@codelab/protocol'

/** Where a server is and what opens it. */
export interface ServerAddress {
  readonly url: string
  readonly key: string
}

/** The way to the server. The address may change: a server of our own that ended gets another port when it is started again. */
export interface Link {
  readonly client: Client
  /** The client for a message of the person: it tells about the workspace as it is now, and the facts that were noted. */
  describing(isFirst: boolean): Promise<Client>
  /** A fact that the model is told before the next message of the person. */
  note(fact: string): void
  /** The message arrived: its facts are not told again. */
  told(): void
  /** Finds the server again. Throws when there is none. */
  reconnect(): Promise<void>
}

export interface LinkOptions {
  readonly address: ServerAddress
  readonly profile: ClientProfile
  readonly context: (isFirst: boolean) => Promise<Readonly<Record<string, unknown>>>
  readonly find: () => Promise<ServerAddress>
}

/** The server takes no more at once. */
const mostNotes = 8

export async function openLink(options: LinkOptions): Promise<Link> {
  let address = options.address
  let client = connect()
  let notes: string[] = []

  function connect(context?: Readonly<Record<string, unknown>>): Client {
    const { url, key } = address
    return createClient({ baseUrl: url, key, client: { ...options.profile, ...(context ? { context } : {}) } })
  }

  return {
    get client() {
      return client
    },
    async describing(isFirst) {
      const context = await options.context(isFirst)
      return connect(notes.length > 0 ? { ...context, notes } : context)
    },
    note(fact) {
      notes = [...notes, fact].slice(-mostNotes)
    },
    told() {
      notes = []
    },
    async reconnect() {
      address = await options.find()
      client = connect()
    },
  }
}
