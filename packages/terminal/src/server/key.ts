import { readFileSync } from 'node:fs'
import { CommandFailure, exitCodes } from './failure.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface FoundKey {
  readonly key: string
  /** Where it came from, for a person. */
  readonly source: string
}

const names = ['CODELAB_INTERNAL_API_KEY', 'AGENT_RUNTIME__INTERNAL_API_KEY'] as const

/** What a server accepts on this machine when nobody has set a key. */
export const defaultKey: FoundKey = { key: 'change-me-internal-key', source: 'the default' }

/** The key that was given: `--key-file`, then the environment, each name also with `_FILE`. Undefined when there is none. */
export function findKey(env: Environment, keyFile: string | undefined): FoundKey | undefined {
  if (keyFile) return { key: firstOf(readKeyFile(keyFile, '--key-file')), source: '--key-file' }
  const found = names.flatMap((name): FoundKey[] => {
    const value = env[name]
    if (value) return [{ key: firstOf(value), source: name }]
    const file = env[`${name}_FILE`]
    return file ? [{ key: firstOf(readKeyFile(file, `${name}_FILE`)), source: `${name}_FILE` }] : []
  })
  const [first, second] = found
  if (first && second && first.key !== second.key) {
    throw new CommandFailure(exitCodes.configuration, `${first.source} and ${second.source} are both set and differ`, [
      'Keep one of them.',
    ])
  }
  return first
}

/** A list `current,next` is what a server accepts; a client sends the first. */
function firstOf(value: string): string {
  return value.split(',')[0]?.trim() ?? ''
}

function readKeyFile(path: string, source: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it cannot be read'
    throw new CommandFailure(exitCodes.configuration, `${source} names ${path}: ${reason}`)
  }
  if (text === '') throw new CommandFailure(exitCodes.configuration, `${source} names ${path}: it is empty`)
  return text
}
