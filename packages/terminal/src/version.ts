import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Version of this client. */
export function clientVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The launcher that starts a server; it lies beside the packages. */
export function launcherPath(): string {
  return fileURLToPath(new URL('../../../bin/codelab.js', import.meta.url))
}
