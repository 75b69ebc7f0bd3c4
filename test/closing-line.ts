import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node'

interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly missingLanes: readonly { readonly name: string; readonly reason: string }[]
}

/** Counts tests. A file that broke before or outside its tests, and an error nobody caught, count as one failure each. */
function tally(modules: readonly TestModule[], unhandled: number): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  const broken = modules.filter((module) => {
    const failedTest = [...module.children.allTests()].some((test) => test.result().state === 'failed')
    return module.state() === 'failed' && !failedTest
  })
  const lanes = tests.map((test) => test.meta().missingLane).filter((lane) => lane !== undefined)
  return {
    passed: count('passed'),
    failed: count('failed') + broken.length + unhandled,
    skipped: count('skipped'),
    missingLanes: lanes,
  }
}

function closingText({ passed, failed, skipped, missingLanes }: Tally): string {
  const lanes = missingLanes.map(({ name, reason }) => `not run: ${name} (${reason})\n`)
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])]
  return `${lanes.join('')}${counts.join(', ')}\n`
}

/** Ends the output of a test run with a line per lane that did not run, and the counts alone on the last line. */
export class ClosingLine implements Reporter {
  #watching = false
  #tally: Tally = { passed: 0, failed: 0, skipped: 0, missingLanes: [] }

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch
    // At the very end: Vitest may still have a word to say while it closes.
    if (!this.#watching) process.once('exit', () => this.#write())
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#tally = tally(modules, unhandled.length)
    if (this.#watching) this.#write()
  }

  #write(): void {
    // A run that broke before its tests, such as by a build that failed, has no failed test to count.
    const broke = Boolean(process.exitCode) && this.#tally.failed === 0
    process.stdout.write(closingText(broke ? { ...this.#tally, failed: 1 } : this.#tally))
  }
}
