import { type ScriptedUpstream, startScriptedUpstream } from '../scripted-upstream.ts'
import { ServerProcess } from '../server-process.ts'
import { Gateway } from './gateway.ts'
import { IdeApp } from './ide-app.ts'

/** One built server, the scripted model behind it, and both Gateways in front of it. */
export class Stage implements AsyncDisposable {
  readonly upstream: ScriptedUpstream
  readonly server: ServerProcess
  readonly #gateways: Readonly<Record<'seed' | 'last', Gateway>>

  private constructor(upstream: ScriptedUpstream, server: ServerProcess, gateways: Record<'seed' | 'last', Gateway>) {
    this.upstream = upstream
    this.server = server
    this.#gateways = gateways
  }

  static async open(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const upstream = await startScriptedUpstream()
    const server = await ServerProcess.start({
      env: { AGENT_RUNTIME__LLM_PROXY_URL: upstream.url, CODELAB_SHUTDOWN_MS: '200', ...env },
    })
    const target = () => server.url
    const [seed, last] = await Promise.all([
      Gateway.start({ revision: 'seed', target }),
      Gateway.start({ revision: 'last', target }),
    ])
    return new Stage(upstream, server, { seed, last })
  }

  /** The shipped IDE on one of the surfaces. */
  ide(surface: Surface): IdeApp {
    return new IdeApp(() => (surface === 'direct' ? this.server.url : this.#gateways[surface].url))
  }

  /** How often the model was asked in a session, by a word that only its messages have. */
  askedAbout(word: string): number {
    return this.upstream.requests.filter(({ kind, body }) => kind === 'agent' && JSON.stringify(body).includes(word))
      .length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateways.seed[Symbol.asyncDispose]()
    await this.#gateways.last[Symbol.asyncDispose]()
    await this.server[Symbol.asyncDispose]()
    await this.upstream.close()
  }
}

/** Where the IDE connects: our server, or the Gateway in front of it in one of its revisions. */
export const surfaces = ['direct', 'seed', 'last'] as const
export type Surface = (typeof surfaces)[number]
