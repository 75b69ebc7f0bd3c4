import type { DeadLetters } from '../compose/operator.ts'
import type { ConfigSources } from '../config.ts'
import type { CommandOutput } from './config.ts'
import { reach, withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { counted, widths } from './text.ts'

const listed = 100
const failedAgain = 1

/** `codelab deadletters list`: events that a handler could not take. Gives the exit code. */
export async function runDeadLettersList(sources: ConfigSources, output: CommandOutput): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const found = await connection.deadLetters(listed)
    output.write(output.json ? `${JSON.stringify(found, null, 2)}\n` : render(found, output.style))
    return 0
  })
}

/** `codelab deadletters replay ID`, or all of them without one. Gives the exit code: 1 when one failed again. */
export async function runDeadLettersReplay(
  sources: ConfigSources,
  id: number | undefined,
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const done = await connection.replay(id)
    if (output.json) output.write(`${JSON.stringify(done)}\n`)
    else {
      const failed = done.failed === 0 ? '' : ` ${counted(done.failed, 'event')} failed again and stayed.`
      output.write(
        `${counted(done.replayed, 'event')} replayed.${failed} ${counted(done.remaining, 'dead letter')} left.\n`,
      )
    }
    return done.failed === 0 ? 0 : failedAgain
  })
}

function render({ dead_letters: letters, count, total }: DeadLetters, style: Style): string {
  if (total === 0) return 'No dead letters: every event was handled.\n'
  const rows = letters.map((letter) => [
    String(letter.id),
    letter.at.slice(0, 16).replace('T', ' '),
    letter.handler,
    letter.event_type,
    counted(letter.attempts, 'attempt'),
    `${letter.code}: ${letter.error.replace(/\s+/g, ' ').slice(0, 60)}`,
  ])
  const columns = widths(rows)
  const lines = rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(columns[index] ?? 0)).join('  ')}`.trimEnd(),
  )
  return [
    ...lines,
    '',
    style.bold(`${counted(total, 'dead letter')}${total > count ? `, the oldest ${count} shown` : ''}.`),
    'Once the cause is gone: codelab deadletters replay --all',
    '',
  ].join('\n')
}
