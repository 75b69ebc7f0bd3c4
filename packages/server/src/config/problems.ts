/** One thing that is wrong with a setting. `wrong` is the part of `text` that is at fault; no field ever holds a secret. */
export interface Problem {
  readonly name: string
  /** `environment`, `.env:2`, `codelab.jsonc:18:9`, `--port` or `default`. */
  readonly place: string
  readonly text: string
  readonly hint?: string
  readonly wrong?: string
}

/** Thrown by `loadConfig` with every problem at once; `files` are those that were read. A process that meets it ends with `exitCode`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly exitCode = 78
  readonly problems: readonly Problem[]
  readonly files: readonly string[]

  constructor(problems: readonly Problem[], files: readonly string[]) {
    super(`${problems.length === 1 ? '1 setting is' : `${problems.length} settings are`} wrong`)
    this.problems = problems
    this.files = files
  }
}

/** What a parser makes of one text: a value, perhaps with a note for the person, or a fault. */
export type Parsed<T> = { readonly value: T; readonly note?: string } | Fault

export interface Fault {
  readonly fault: string
  readonly hint?: string
  readonly wrong?: string
}

export function isFault(outcome: object): outcome is Fault {
  return 'fault' in outcome
}

export function problemOf(name: string, place: string, fault: Fault): Problem {
  const { hint, wrong } = fault
  return {
    name,
    place,
    text: fault.fault,
    ...(hint === undefined ? {} : { hint }),
    ...(wrong === undefined ? {} : { wrong }),
  }
}
