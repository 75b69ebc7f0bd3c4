/** One row of the doctor: `skipped` is neither good nor bad and never changes the exit code. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'problem' | 'skipped'
  readonly text: string
  /** Lines below the row: what is known besides, and what to do. */
  readonly details: readonly string[]
}

export function ok(name: string, text: string, ...details: string[]): Finding {
  return { name, state: 'ok', text, details }
}

export function problem(name: string, text: string, ...details: string[]): Finding {
  return { name, state: 'problem', text, details }
}

export function skipped(name: string, text: string, ...details: string[]): Finding {
  return { name, state: 'skipped', text, details }
}
