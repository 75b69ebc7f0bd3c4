import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/**
 * A copy of the sources in a temporary folder, to plant faults in. Packages are those of the repository, by links, except our own, which
 * are the copies. Disposing removes it.
 */
export function copyWorkspace(): { readonly folder: string; [Symbol.dispose](): void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codelab-copy-')))
  for (const file of ['package.json', 'biome.json', '.biome', '.dependency-cruiser.cjs', 'tsconfig.base.json']) {
    cpSync(join(root, file), join(folder, file), { recursive: true })
  }
  // What tests of packages import from here.
  cpSync(join(root, 'test/lanes.ts'), join(folder, 'test/lanes.ts'))
  linkPackages(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'node_modules', '@codelab'))
  for (const name of readdirSync(join(root, 'packages'))) {
    const from = join(root, 'packages', name)
    const to = join(folder, 'packages', name)
    for (const part of ['package.json', 'tsconfig.json', 'src', 'test']) {
      if (existsSync(join(from, part))) cpSync(join(from, part), join(to, part), { recursive: true })
    }
    if (existsSync(join(from, 'node_modules'))) linkPackages(join(from, 'node_modules'), join(to, 'node_modules'))
    symlinkSync(to, join(folder, 'node_modules', '@codelab', name))
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

function linkPackages(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name !== '@codelab') symlinkSync(join(from, name), join(to, name))
  }
}
