import { resolve } from 'node:path'
import { readJsonc } from './jsonc.ts'
import { nearest } from './nearest.ts'
import type { Problem } from './problems.ts'
import { type Setting, settings, variablesOf } from './settings.ts'
import { quoted } from './shown.ts'
import type { ConfigSources } from './types.ts'
import { type Found, readSecretFile, readText, readVariables, type Variables } from './variables.ts'

const CONFIG_FILE = 'codelab.jsonc'
const FILE_VARIABLE = 'CODELAB_CONFIG'
const CONTENT_VARIABLE = 'CODELAB_CONFIG_CONTENT'

/** Variables of ours that are no settings of the server: they say where the file is, or belong to the terminal client. */
const OTHER_VARIABLES = [
  FILE_VARIABLE,
  CONTENT_VARIABLE,
  'CODELAB_REDUCED_MOTION',
  'CODELAB_SCREEN_READER',
  'CODELAB_STATE_DIR',
  'CODELAB_URL',
]

/** Everything that was set anywhere, before any text is read. */
export interface GatheredSources {
  /** Flag, own and legacy variable, file form, codelab.jsonc: all that set this row, the first wins. */
  candidates(row: Setting<unknown>): Promise<Candidates>
  variable(name: string): Found | undefined
  /** A key of a provider: the variable, or the file that `NAME_FILE` names. */
  key(name: string): Promise<Found | { readonly fault: Problem } | undefined>
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

export interface Candidates {
  readonly winner?: Found
  /** What the own and the legacy name, plain and as a file, say: they must agree. */
  readonly variables: readonly Found[]
  readonly problems: readonly Problem[]
  /** A variable was set to nothing, which counts as not set. */
  readonly empty?: Found
}

export async function gatherSources({ flags, env, cwd }: ConfigSources): Promise<GatheredSources> {
  const variables = await readVariables(env, cwd)
  const jsonc = await readConfigFiles(variables, cwd)
  return {
    variable: variables.find,
    key: (name) => readKey(name, variables, cwd),
    files: [...variables.files, ...jsonc.files],
    problems: [...variables.problems, ...jsonc.problems],
    warnings: unknownVariables(variables),
    async candidates(row) {
      const set = await readRowVariables(row, variables, cwd)
      const flag = row.flag === undefined ? undefined : flags[row.flag]
      const winner =
        flag === undefined
          ? (set.variables[0] ?? (row.path === undefined ? undefined : jsonc.found.get(row.path)))
          : { text: flag, name: row.name, place: `--${row.flag}` }
      return winner === undefined ? set : { ...set, winner }
    },
  }
}

async function readRowVariables(row: Setting<unknown>, variables: Variables, cwd: string): Promise<Candidates> {
  const found: Found[] = []
  const problems: Problem[] = []
  let empty: Found | undefined
  for (const name of variablesOf(row)) {
    const variable = variables.find(name)
    if (!variable) continue
    if (variable.text.trim() === '') {
      empty ??= variable
      continue
    }
    const plain = name === row.name || name === row.legacy
    const value = plain ? variable : await readSecretFile(variable, cwd)
    if ('fault' in value) problems.push(value.fault)
    else found.push(value)
  }
  return { variables: found, problems, ...(empty === undefined ? {} : { empty }) }
}

async function readKey(name: string, variables: Variables, cwd: string) {
  const plain = variables.find(name)
  if (plain && plain.text.trim() !== '') return plain
  const pointer = variables.find(`${name}_FILE`)
  return pointer && pointer.text.trim() !== '' ? await readSecretFile(pointer, cwd) : undefined
}

async function readConfigFiles(variables: Variables, cwd: string) {
  const rows = Object.values<Setting<unknown>>(settings)
  const known = new Set(rows.flatMap((row) => row.path ?? []))
  const objects = new Set(rows.flatMap((row) => (row.takesObject ? (row.path ?? []) : [])))
  const found = new Map<string, Found>()
  const files: string[] = []
  const problems: Problem[] = []
  const add = (text: string, label: string) => {
    const reading = readJsonc(text, label, known, objects)
    for (const [path, value] of reading.found) found.set(path, value)
    files.push(label)
    problems.push(...reading.problems)
  }
  const pointer = variables.find(FILE_VARIABLE)
  const named = pointer?.text.trim() || undefined
  const content = await readText(resolve(cwd, named ?? CONFIG_FILE))
  if ('text' in content) add(content.text, named ?? CONFIG_FILE)
  else if (pointer && named !== undefined) {
    const shown = quoted(named)
    problems.push({
      name: FILE_VARIABLE,
      place: pointer.place,
      text: `${shown} cannot be read: ${content.reason}.`,
      wrong: shown,
    })
  } else if (!content.missing) {
    problems.push({ name: CONFIG_FILE, place: CONFIG_FILE, text: `the file cannot be read: ${content.reason}.` })
  }
  const inline = variables.find(CONTENT_VARIABLE)
  if (inline && inline.text.trim() !== '') add(inline.text, CONTENT_VARIABLE)
  return { found, files, problems }
}

function unknownVariables(variables: Variables): Problem[] {
  const known = new Set([...Object.values<Setting<unknown>>(settings).flatMap(variablesOf), ...OTHER_VARIABLES])
  const warnings: Problem[] = []
  for (const { name, place } of variables.all()) {
    if (!/^(CODELAB_|AGENT_RUNTIME__)/.test(name) || known.has(name)) continue
    const near = nearest(name, known)
    warnings.push({
      name,
      place,
      text: `no setting has this name.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    })
  }
  return warnings
}
