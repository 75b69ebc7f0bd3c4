import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Availability } from '../test/lanes.ts'

const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
const venv = process.env['CODELAB_E2E_VENV'] || join(cache, 'codelab-ci', 'venv')

export function pythonProgram(name: string): string {
  return join(venv, 'bin', name)
}

export function needsPython(name: string): Availability {
  try {
    accessSync(pythonProgram(name), constants.X_OK)
    return true
  } catch {
    return `${name} is not installed, run e2e/install.sh`
  }
}
