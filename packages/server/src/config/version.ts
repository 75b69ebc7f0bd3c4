import { readFileSync } from 'node:fs'

/** The folder of this package: the same two folders up from the sources, from the build and from the bundle. */
export const packageFolder = new URL('../../', import.meta.url)

/** The product's version, from the package's own manifest. */
export const productVersion: string = readVersion()

/** What clients of the service that this one replaces were told (PROTOCOL 1.1). */
export const contractVersion = '0.3.0'

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    if (typeof manifest.version === 'string') return manifest.version
  }
  throw new Error('package.json of the server names no version')
}
