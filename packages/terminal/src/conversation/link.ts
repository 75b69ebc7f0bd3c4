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
  /** The client for the first message of a session: it tells about the workspace too. */
  readonly firstClient: Client
  /** Finds the server again. Throws when there is none. */
  reconnect(): Promise<void>
}

export interface LinkOptions {
  readonly address: ServerAddress
  readonly profile: ClientProfile
  readonly context: () => Promise<Readonly<Record<string, unknown>>>
  readonly find: () => Promise<ServerAddress>
}

export async function openLink(options: LinkOptions): Promise<Link> {
  const context = await options.context()
  let address = options.address
  let clients = connect(address)

  function connect({ url, key }: ServerAddress): { plain: Client; first: Client } {
    const profile = options.profile
    return {
      plain: createClient({ baseUrl: url, key, client: profile }),
      first: createClient({ baseUrl: url, key, client: { ...profile, context } }),
    }
  }

  return {
    get client() {
      return clients.plain
    },
    get firstClient() {
      return clients.first
    },
    async reconnect() {
      address = await options.find()
      clients = connect(address)
    },
  }
}
