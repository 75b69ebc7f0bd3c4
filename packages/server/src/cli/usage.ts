import type { UsageWanted } from '../compose/operator.ts'
import type { ConfigSources } from '../config.ts'
import type { CommandOutput } from './config.ts'
import { reach, withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { widths } from './text.ts'

type Usage = Awaited<ReturnType<Awaited<ReturnType<typeof reach>>['usage']>>

/** `codelab usage`: tokens, costs, calls and turns by day, person or model. Gives the exit code. */
export async function runUsage(sources: ConfigSources, wanted: UsageWanted, output: CommandOutput): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const usage = await connection.usage(wanted)
    output.write(output.json ? `${JSON.stringify(usage, null, 2)}\n` : render(usage, output.style))
    return 0
  })
}

function render({ from, to, by, user, total, rows, more }: Usage, style: Style): string {
  const names = by.flatMap((name) => (name === 'model' ? ['provider', 'model'] : [name]))
  const figures = ['turns', 'calls', 'input', 'cached', 'output', 'cost']
  const cells = [
    [...names, ...figures],
    ...rows.map((row) =>
      [row.day, row.user, row.provider, row.model].filter((name) => name !== undefined).concat(figuresOf(row)),
    ),
    [...names.map((_, at) => (at === 0 ? 'total' : '')), ...figuresOf(total)],
  ]
  const columns = widths(cells)
  const lines = cells.map((row) =>
    `  ${row.map((cell, at) => (at < names.length ? cell.padEnd(columns[at] ?? 0) : cell.padStart(columns[at] ?? 0))).join('  ')}`.trimEnd(),
  )
  const whose = user === null ? 'everybody' : user
  return [
    style.bold(`${whose}, ${from} to ${to} (UTC)`),
    ...lines,
    ...(more ? ['  There are more rows: name fewer days, or --json with the endpoint GET /usage.'] : []),
    '',
  ].join('\n')
}

function figuresOf({ turns, calls, input_tokens, cached_tokens, output_tokens, cost }: Usage['total']): string[] {
  const numbers = [turns, calls, input_tokens, cached_tokens, output_tokens]
  return [
    ...numbers.map((value) => value?.toLocaleString('en-US') ?? '-'),
    cost === null ? 'not known' : `$${cost.toFixed(4)}`,
  ]
}
