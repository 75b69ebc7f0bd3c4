import { existsSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ConfigSources } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { CommandOutput } from './config.ts'
import { requireFile } from './database.ts'
import { reach, withConfig } from './reach.ts'
import { counted, shortPath, size } from './text.ts'

/** `codelab backup [FILE]`: a copy of one moment, also while the server runs. Without FILE it stays in the folder beside the database. */
export async function runBackup(
  sources: ConfigSources,
  file: string | undefined,
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    const database = requireFile(config, 'pg_dump --format=custom --file=codelab.dump "$CODELAB_DATABASE_URL"')
    const target = file === undefined ? undefined : resolve(sources.cwd, file)
    if (target !== undefined && existsSync(target)) {
      throw new RuntimeError('invalid_input', 'There is a file of that name already', {
        details: { hint: 'Name another one.' },
      })
    }
    await using connection = await reach(config)
    const { backupFolder, copyDatabase } = await import('../compose/operator.ts')
    const { name } = await connection.backUp()
    const made = join(backupFolder(database), name)
    if (!existsSync(made)) {
      throw new RuntimeError('storage_unavailable', `The server made ${name}, and it cannot be read from here`, {
        details: { hint: 'It lies on the server, in the folder .backups beside its database.' },
      })
    }
    if (target !== undefined) {
      await copyDatabase(made, target)
      rmSync(made)
    }
    const path = target ?? made
    const { size: bytes } = statSync(path)
    if (output.json) output.write(`${JSON.stringify({ file: path, bytes })}\n`)
    else output.write(`Backed up to ${shortPath(path, sources.cwd)}, ${size(bytes)}.\n`)
    return 0
  })
}

/** `codelab restore FILE`: puts a backup in the place of the database; the server must be stopped. The old file stays beside it. */
export async function runRestore(sources: ConfigSources, file: string, output: CommandOutput): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    const database = requireFile(config, 'pg_restore --clean --if-exists --dbname="$CODELAB_DATABASE_URL" codelab.dump')
    const { restoreDatabase } = await import('../compose/operator.ts')
    const { schema, sessions, kept } = await restoreDatabase(resolve(sources.cwd, file), database)
    if (output.json) {
      output.write(`${JSON.stringify({ file: database, schema, sessions, kept: kept ?? null })}\n`)
      return 0
    }
    output.write(`Restored: ${counted(sessions, 'session')}, schema ${schema}.\n`)
    if (kept !== undefined) output.write(`The database of before is ${shortPath(kept, sources.cwd)}.\n`)
    return 0
  })
}
