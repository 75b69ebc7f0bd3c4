import { basename } from 'node:path'
import { clean, plural } from '../screen/text.ts'
import { type FolderSettings, readFolderSettings } from './folder-settings.ts'
import { TrustedFolders } from './trusted-folders.ts'

const shownRules = 20

/** Whether the settings that lie in the folder count, and what the server is told of them. */
export class FolderTrust {
  readonly settings: FolderSettings | undefined
  readonly #folders: TrustedFolders
  #answer: boolean | undefined

  private constructor(settings: FolderSettings | undefined, folders: TrustedFolders) {
    this.settings = settings
    this.#folders = folders
    this.#answer = settings && folders.answerFor(settings)
  }

  static async read(folder: string, stateFolder: string): Promise<FolderTrust> {
    return new FolderTrust(await readFolderSettings(folder), new TrustedFolders(stateFolder))
  }

  /** There are settings that the person was never asked about as they are now. */
  get mustAsk(): boolean {
    return this.settings !== undefined && this.#answer === undefined
  }

  get isTrusted(): boolean {
    return this.#answer === true
  }

  decide(isTrusted: boolean): void {
    if (!this.settings) return
    this.#answer = isTrusted
    this.#folders.note(this.settings, isTrusted)
  }

  /** Takes back what was said; whether there was something. */
  forget(): boolean {
    if (!this.settings) return false
    this.#answer = undefined
    return this.#folders.forget(this.settings.folder)
  }

  /** The part of `client.context` that needs trust; empty without it. */
  get context(): Readonly<Record<string, unknown>> {
    const { settings } = this
    if (!settings || !this.isTrusted) return {}
    return {
      ...(settings.rules.length > 0 ? { rules: settings.rules } : {}),
      ...(settings.agents.length > 0 ? { agents: settings.agents } : {}),
    }
  }

  /** The question, and what a yes would allow. */
  question(): string[] {
    const { settings } = this
    if (!settings) return []
    const name = clean(basename(settings.folder))
    const isChange = this.#folders.wasTrusted(settings)
    const head = isChange
      ? `The settings in ${name}/.codelab have changed since you trusted them.`
      : `${name}/.codelab wants to set what the agents may do here.`
    const rules = settings.rules
      .slice(0, shownRules)
      .map((rule) => `  ${rule.effect.padEnd(5)}  ${clean(rule.tool)}  ${clean(rule.pattern)}`)
    const more = settings.rules.length - rules.length
    return [
      head,
      ...(rules.length > 0 ? ['Rules:', ...rules] : []),
      ...(more > 0 ? [`  and ${plural(more, 'more rule')}`] : []),
      ...(settings.agents.length > 0
        ? ['Agents:', ...settings.agents.map(({ path, text }) => `  ${agentLine(path, text)}`)]
        : []),
      ...settings.faults.map((fault) => `Left out: ${clean(fault)}`),
      'Trust them if you know who wrote them. Asked again when they change.',
    ]
  }
}

/** Name of an agent and the tools that its front matter asks for. */
function agentLine(path: string, text: string): string {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? ''
  const tools = /^tools:\s*([\s\S]*?)(?=^\w|(?![\s\S]))/m.exec(head)?.[1] ?? ''
  const names = [...tools.matchAll(/[a-z][a-z_]+/g)].map(([name]) => name)
  const named = names.length > 0 ? `, tools ${names.join(', ')}` : ''
  return clean(`${basename(path, '.md')}${named}`).replace(/\s+/g, ' ')
}
