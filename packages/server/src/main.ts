import { runServerProgram } from './cli/program.ts'
import { styleFor } from './cli/style.ts'

/** Runs a command of the server: `serve`, `doctor`, `config`. Gives the exit code. Each command loads its own parts: a start pays for no
 *  other. */
export async function main(argv: readonly string[]): Promise<number> {
  const { env } = process
  const cwd = process.cwd()
  const output = {
    style: styleFor(process.stdout, env),
    write: (text: string) => {
      process.stdout.write(text)
    },
  }
  return await runServerProgram(argv, {
    serve: async (flags) => {
      const { serve } = await import('./cli/serve.ts')
      return await serve({ flags, env, cwd })
    },
    doctor: async (flags, { json, tryModel }) => {
      const { runDoctor } = await import('./cli/doctor.ts')
      return await runDoctor({ flags, env, cwd }, { json, ...output }, { tryModel })
    },
    config: async (flags, { json }) => {
      const { runConfigCommand } = await import('./cli/config.ts')
      return await runConfigCommand({ flags, env, cwd }, { json, ...output })
    },
    cleanup: async (flags, { json, ...options }) => {
      const { runCleanup } = await import('./cli/cleanup.ts')
      return await runCleanup({ flags, env, cwd }, options, { json, ...output })
    },
    pause: async (flags, { json, off }) => {
      const { runPause } = await import('./cli/pause.ts')
      return await runPause({ flags, env, cwd }, off, { json, ...output })
    },
    show: async (flags, { json, ...options }) => {
      const { runShow } = await import('./cli/show.ts')
      return await runShow({ flags, env, cwd }, options, { json, ...output })
    },
    backup: async (flags, { json, file }) => {
      const { runBackup } = await import('./cli/backup.ts')
      return await runBackup({ flags, env, cwd }, file, { json, ...output })
    },
    restore: async (flags, { json, file }) => {
      const { runRestore } = await import('./cli/backup.ts')
      return await runRestore({ flags, env, cwd }, file, { json, ...output })
    },
    deadLettersList: async (flags, { json }) => {
      const { runDeadLettersList } = await import('./cli/deadletters.ts')
      return await runDeadLettersList({ flags, env, cwd }, { json, ...output })
    },
    deadLettersReplay: async (flags, { json, id }) => {
      const { runDeadLettersReplay } = await import('./cli/deadletters.ts')
      return await runDeadLettersReplay({ flags, env, cwd }, id, { json, ...output })
    },
    usage: async (flags, { json, ...wanted }) => {
      const { runUsage } = await import('./cli/usage.ts')
      return await runUsage({ flags, env, cwd }, wanted, { json, ...output })
    },
    importPython: async (flags, { json, ...options }) => {
      const { runImportPython } = await import('./cli/import-python.ts')
      return await runImportPython({ flags, env, cwd }, options, { json, ...output })
    },
    keysCreate: async (flags, { json, ...wanted }) => {
      const { runKeysCreate } = await import('./cli/keys.ts')
      return await runKeysCreate({ flags, env, cwd }, wanted, { json, ...output })
    },
    keysList: async (flags, { json, user }) => {
      const { runKeysList } = await import('./cli/keys.ts')
      return await runKeysList({ flags, env, cwd }, user, { json, ...output })
    },
    keysRevoke: async (flags, { json, which }) => {
      const { runKeysRevoke } = await import('./cli/keys.ts')
      return await runKeysRevoke({ flags, env, cwd }, which, { json, ...output })
    },
    debugBundle: async (flags, { json, ...options }) => {
      const { runDebugBundle } = await import('./cli/debug-bundle.ts')
      return await runDebugBundle({ flags, env, cwd }, options, { json, ...output })
    },
  })
}
