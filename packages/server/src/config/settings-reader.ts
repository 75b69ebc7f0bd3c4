import { checkKeys } from './access.ts'
import { entryOf } from './entries.ts'
import { assembleJwt, type JwtSettings } from './jwt.ts'
import { modelSettings } from './model-choice.ts'
import { assembleModels } from './models.ts'
import { secret } from './parsers.ts'
import { isFault, type Parsed, type Problem, problemOf } from './problems.ts'
import { type Setting, type SettingKey, settings, type Values } from './settings.ts'
import type { Candidates } from './sources.ts'
import type { ConfigEntry, ModelEntry } from './types.ts'
import type { Found } from './variables.ts'

/** Reads the rows one by one, then what only several of them together can tell; keeps a value or a problem for each. */
export class SettingsReader {
  readonly entries: ConfigEntry[] = []
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  readonly #cwd: string
  readonly #values = new Map<SettingKey, unknown>()
  readonly #winners = new Map<SettingKey, Found>()
  readonly #empty = new Set<SettingKey>()
  readonly #wrong = new Set<SettingKey>()
  #ownNames = 0
  #legacyNames = 0

  constructor(cwd: string) {
    this.#cwd = cwd
  }

  read(key: SettingKey, row: Setting<unknown>, { winner, variables, problems, empty }: Candidates): void {
    this.problems.push(...problems)
    if (problems.length > 0) this.#wrong.add(key)
    this.#checkAgreement(key, row, variables)
    if (winner) this.#winners.set(key, winner)
    if (winner && row.legacy !== undefined) {
      if (winner.name.startsWith(row.legacy)) this.#legacyNames += 1
      else if (winner.name.startsWith(row.name)) this.#ownNames += 1
    }
    if (!winner && empty) this.#empty.add(key)
    const text = winner?.text.trim() ?? row.fallback
    const parsed: Parsed<unknown> = text === undefined ? { value: undefined } : row.parse(text, this.#cwd)
    if (isFault(parsed)) {
      this.#wrong.add(key)
      this.problems.push(problemOf(winner?.name ?? row.name, winner?.place ?? 'default', parsed))
    } else {
      this.#values.set(key, parsed.value)
      if (parsed.note !== undefined) this.#warn(key, parsed.note)
    }
    this.entries.push(entryOf(row, winner, text))
  }

  /** The setting that means production, as it is written, or undefined. */
  productionSetting(nodeEnv: Found | undefined): string | undefined {
    const isProduction = (value: unknown) => typeof value === 'string' && value.trim().toLowerCase() === 'production'
    if (isProduction(nodeEnv?.text)) return 'NODE_ENV=production'
    return isProduction(this.#values.get('environment')) ? `${settings.environment.name}=production` : undefined
  }

  checkKeys(production: string | undefined): void {
    if (this.#wrong.has('keys')) return
    const { keys, host } = this.values()
    if (keys === undefined || host === undefined) return
    const checked = checkKeys(keys, {
      host,
      empty: this.#empty.has('keys'),
      ...(production === undefined ? {} : { production }),
    })
    if (isFault(checked)) this.problems.push(problemOf(this.#nameOf('keys'), this.#placeOf('keys'), checked))
    else if (checked.note !== undefined) this.#warn('keys', checked.note)
  }

  /** Names of the variables that hold keys of `models`. */
  modelKeyNames(): readonly string[] {
    const names = (this.values().models ?? []).flatMap((model) => ('apiKeyEnv' in model ? (model.apiKeyEnv ?? []) : []))
    return [...new Set(names)]
  }

  /** Undefined when a setting that they depend on is wrong, or they are themselves; that is a problem then. */
  chooseModels(found: ReadonlyMap<string, Found>): readonly [ModelEntry, ...ModelEntry[]] | undefined {
    if (this.#wrong.has('models') || modelSettings.some((key) => this.#wrong.has(key))) return undefined
    const keys = new Map<string, string>()
    for (const [name, { text, place }] of found) {
      const parsed = secret(text.trim(), this.#cwd)
      if (isFault(parsed)) this.problems.push(problemOf(name, place, parsed))
      else keys.set(name, parsed.value)
    }
    const { keys: internal = [], models: listed = [], ...given } = this.values()
    const models = assembleModels({ given, listed, internalKey: internal[0] ?? '', keys })
    if (!('fault' in models)) return models
    const blamed = models.fault.startsWith('models.') ? 'models' : this.#winners.has('model') ? 'model' : 'anthropicUrl'
    this.problems.push(problemOf(this.#nameOf(blamed), this.#placeOf(blamed), models))
    return undefined
  }

  /** Undefined: none are accepted, or a setting of theirs is wrong. */
  chooseJwt(): JwtSettings | undefined {
    const jwt = assembleJwt(this.values())
    if (jwt === undefined || !('fault' in jwt)) return jwt
    if (!this.#wrong.has(jwt.blamed))
      this.problems.push(problemOf(this.#nameOf(jwt.blamed), this.#placeOf(jwt.blamed), jwt))
    return undefined
  }

  /** Complete when there is no problem; a wrong setting has no value. */
  values(): Partial<Values> {
    return Object.fromEntries(this.#values)
  }

  #checkAgreement(key: SettingKey, row: Setting<unknown>, variables: readonly Found[]): void {
    const [first, ...others] = variables
    const other = first && others.find((candidate) => !this.#same(row, first.text, candidate.text))
    if (!first || !other) return
    this.#wrong.add(key)
    this.problems.push({
      name: first.name,
      place: first.place,
      text: `${first.name} and ${other.name} (${other.place}) are both set, and differ.`,
      hint: 'Keep one of the two.',
      wrong: other.name,
    })
  }

  #same(row: Setting<unknown>, a: string, b: string): boolean {
    const [left, right] = [a, b].map((text) => row.parse(text.trim(), this.#cwd))
    if (!left || !right || isFault(left) || isFault(right)) return a.trim() === b.trim()
    return JSON.stringify(left.value) === JSON.stringify(right.value)
  }

  #warn(key: SettingKey, text: string): void {
    this.warnings.push({ name: this.#nameOf(key), place: this.#placeOf(key), text })
  }

  /** The name that the person used; for a default, the legacy one when all their other names are. */
  #nameOf(key: SettingKey): string {
    const { name, legacy }: Setting<unknown> = settings[key]
    return (
      this.#winners.get(key)?.name ??
      (legacy !== undefined && this.#legacyNames > 0 && this.#ownNames === 0 ? legacy : name)
    )
  }

  #placeOf(key: SettingKey): string {
    return this.#winners.get(key)?.place ?? 'default'
  }
}
