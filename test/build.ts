import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')

/** Builds what has changed since the last build, so that no test runs a stale one. Throws with the compiler's words. */
export async function setup(): Promise<void> {
  const path = [join(root, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH']].join(':')
  try {
    await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root, env: { ...process.env, PATH: path } })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`The build failed, so the tests that run it cannot start.\n${stdout ?? ''}${stderr ?? ''}`)
  }
}
