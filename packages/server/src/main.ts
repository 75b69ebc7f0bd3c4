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
    doctor: async (flags, { json }) => {
      const { runDoctor } = await import('./cli/doctor.ts')
      return await runDoctor({ flags, env, cwd }, { json, ...output })
    },
    config: async (flags, { json }) => {
      const { runConfigCommand } = await import('./cli/config.ts')
      return await runConfigCommand({ flags, env, cwd }, { json, ...output })
    },
  })
}
