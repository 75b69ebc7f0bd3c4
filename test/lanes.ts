/**
 * A lane is a group of tests that needs more than Node and Git. Where what it needs is missing, the lane is skipped and the end of the
 * run names it with the reason; with REQUIRE_ALL=1, as in CI, a missing part fails instead.
 *
 *   lane('tmux', () => needs('tmux'), () => {
 *     it('draws the banner', …)
 *   })
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** Set on the one test that stands for a lane that did not run. */
    missingLane?: { name: string; reason: string }
  }
}

/** True when the lane can run, else what is missing and how to get it, as one line. */
export type Availability = true | string

export function lane(name: string, available: () => Availability, tests: () => void): void {
  const availability = available()
  describe(`lane ${name}`, () => {
    if (availability === true) tests()
    else it('can run', (context) => reportMissing(name, availability, context))
  })
}

function reportMissing(
  name: string,
  reason: string,
  context: { task: { meta: { missingLane?: { name: string; reason: string } } }; skip: (note: string) => never },
): void {
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(`REQUIRE_ALL=1 and lane ${name} cannot run: ${reason}`)
  context.task.meta.missingLane = { name, reason }
  context.skip(reason)
}

/** Whether every command is on PATH. */
export function needs(...commands: string[]): Availability {
  const missing = commands.filter((command) => commandPath(command) === undefined)
  return missing.length === 0 ? true : `${missing.join(', ')} not on PATH`
}

/** Where a command lies on PATH, or undefined. */
export function commandPath(command: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
