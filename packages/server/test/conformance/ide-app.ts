import type { z } from 'zod'
import { exchange } from '../exchange.ts'
import { internalKey } from '../server-process.ts'
import { Ide } from '../socket/ide.ts'
import { bodies } from './decoding.ts'

/** The rest of the shipped IDE: what it asks by REST, every answer decoded as strictly as it does. */
export class IdeApp {
  /** Where it connects: our server, or a Gateway. It may come back elsewhere. */
  readonly #base: () => string

  constructor(base: () => string) {
    this.#base = base
  }

  /** A new chat: no body, no content type. */
  async create(): Promise<string> {
    return (await this.#get('/sessions', bodies.session, 'POST')).id
  }

  list() {
    return this.#get('/sessions', bodies.sessions)
  }

  /** Not passed on by a Gateway: then the IDE looks into the list. */
  async session(id: string) {
    const found = await this.#ask(`/sessions/${id}`)
    if (found.status !== 404) return bodies.session.parse(JSON.parse(found.body))
    return (await this.list()).sessions.find((session) => session.id === id)
  }

  history(id: string) {
    return this.#get(`/sessions/${id}/history`, bodies.history)
  }

  async approvals(id: string) {
    return (await this.#get(`/sessions/${id}/pending-approvals`, bodies.approvals)).pending_approvals
  }

  agents() {
    return this.#get('/agents', bodies.agents)
  }

  currentAgent(id: string) {
    return this.#get(`/agents/${id}/current`, bodies.currentAgent)
  }

  /** Any 2xx of one of the two. */
  async testConnection(): Promise<boolean> {
    const got = await exchange(this.#base(), { method: 'GET', path: '/health' })
    const inner = await this.#ask('/health')
    return isGood(got?.status) || isGood(inner.status)
  }

  async status(path: string, method = 'GET', body?: object): Promise<number> {
    return (await this.#ask(path, method, body)).status
  }

  /** What opening a chat does, in no order; 404 is an empty chat. */
  async open(id: string) {
    const [socket, approvals, history] = await Promise.all([
      this.connect(id),
      this.#orEmpty(`/sessions/${id}/pending-approvals`, bodies.approvals),
      this.#orEmpty(`/sessions/${id}/history`, bodies.history),
    ])
    return { socket, approvals: approvals?.pending_approvals ?? [], messages: history?.messages ?? [] }
  }

  connect(id: string): Promise<Ide> {
    return Ide.open(`${this.#base()}/api/v1/ws/${id}`)
  }

  async #orEmpty<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S> | undefined> {
    const { status, body } = await this.#ask(path)
    return status === 404 ? undefined : schema.parse(JSON.parse(body))
  }

  async #get<S extends z.ZodType>(path: string, schema: S, method = 'GET'): Promise<z.infer<S>> {
    const { status, body } = await this.#ask(path, method)
    if (!isGood(status)) throw new Error(`${method} ${path}: ${status} ${body}`)
    return schema.parse(JSON.parse(body))
  }

  async #ask(path: string, method = 'GET', body?: object) {
    const headers = { 'x-internal-auth': internalKey, ...(body && { 'content-type': 'application/json' }) }
    const out = { method, path: `/api/v1${path}`, headers, ...(body && { body: JSON.stringify(body) }) }
    const got = await exchange(this.#base(), out)
    if (!got) throw new Error('no answer')
    return got
  }
}

function isGood(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}
