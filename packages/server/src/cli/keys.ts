import type { ApiKeyItem, ApiKeyList } from '../compose/operator.ts'
import { type ConfigSources, parseRate } from '../config.ts'
import { parseDuration } from '../domain/duration.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { CommandOutput } from './config.ts'
import { reach, withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { counted, widths } from './text.ts'

export interface NewKey {
  readonly user: string
  readonly rate?: string
  readonly expires?: string
}

/** `codelab keys create --user alice`. Shows the key, this once. Gives the exit code. */
export async function runKeysCreate(sources: ConfigSources, wanted: NewKey, output: CommandOutput): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    const command = { user: wanted.user, ...rateOf(wanted.rate), ...expiryOf(wanted.expires) }
    await using connection = await reach(config)
    const made = await connection.createKey(command)
    if (output.json) output.write(`${JSON.stringify(made)}\n`)
    else {
      const until = made.expires_at === null ? '' : ` It counts until ${day(made.expires_at)}.`
      output.write(`${made.key}\n\nThe key of ${made.user}, shown this once: only its hash is kept.${until}\n`)
      output.write(`Send it as  Authorization: Bearer ${made.hint}…  Revoke it with: codelab keys revoke ${made.id}\n`)
    }
    return 0
  })
}

/** `codelab keys list`. Gives the exit code. */
export async function runKeysList(
  sources: ConfigSources,
  user: string | undefined,
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const found = await connection.keys(user)
    output.write(output.json ? `${JSON.stringify(found, null, 2)}\n` : render(found, output.style))
    return 0
  })
}

/** `codelab keys revoke ID`, or `--user alice` for all of hers. Gives the exit code. */
export async function runKeysRevoke(
  sources: ConfigSources,
  which: { readonly id: string } | { readonly user: string },
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const done = await connection.revokeKeys(which)
    output.write(output.json ? `${JSON.stringify(done)}\n` : `${counted(done.revoked, 'key')} revoked.\n`)
    return 0
  })
}

function rateOf(text: string | undefined) {
  if (text === undefined) return {}
  const parsed = parseRate(text, '')
  if ('fault' in parsed || parsed.value === 'off') {
    throw new RuntimeError('invalid_input', `'${text}' is no rate`, { details: { hint: 'Use one such as 60/min.' } })
  }
  return { rate: parsed.value }
}

function expiryOf(text: string | undefined) {
  if (text === undefined) return {}
  const expiresInMs = parseDuration(text)
  if (expiresInMs === undefined || expiresInMs < 1_000) {
    throw new RuntimeError('invalid_input', `'${text}' is no time`, {
      details: { hint: 'Use one such as 12h or 90d.' },
    })
  }
  return { expiresInMs }
}

function render({ keys }: ApiKeyList, style: Style): string {
  if (keys.length === 0) return 'No personal keys. Make one: codelab keys create --user alice\n'
  const rows = keys.map((key) => [
    key.id,
    key.user,
    `${key.hint}…`,
    `made ${day(key.created_at)}`,
    key.last_used_at === null ? 'never used' : `used ${key.last_used_at.slice(0, 16).replace('T', ' ')}`,
    stateOf(key),
  ])
  const columns = widths(rows)
  const lines = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(columns[i] ?? 0)).join('  ')}`.trimEnd())
  return `${[...lines, '', style.bold(`${counted(keys.length, 'key')}.`)].join('\n')}\n`
}

function stateOf({ revoked_at: revoked, expires_at: expires, rate }: ApiKeyItem): string {
  if (revoked !== null) return `revoked ${day(revoked)}`
  const limit = rate === null ? '' : `, ${rate.max} in ${rate.window_seconds} s`
  if (expires === null) return `no end${limit}`
  return `${Date.parse(expires) <= Date.now() ? 'expired' : 'until'} ${day(expires)}${limit}`
}

function day(time: string): string {
  return time.slice(0, 10)
}
