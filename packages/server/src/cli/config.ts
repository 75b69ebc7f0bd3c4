import { type ConfigEntry, type ConfigReading, type ConfigSources, type ModelEntry, readConfig } from '../config.ts'
import { modelFacts, modelText, providerName } from './banner.ts'
import { renderProblem } from './settings-report.ts'
import type { Style } from './style.ts'
import { widths } from './text.ts'

/** Where a command writes, and how: `json` for a program, `style` for a person. */
export interface CommandOutput {
  readonly json: boolean
  readonly style: Style
  readonly write: (text: string) => void
}

const WRONG_SETTINGS = 78

/** `codelab config`: each setting, its value and where it comes from; never a secret. Gives the exit code: 78 when a setting is wrong. */
export async function runConfigCommand(sources: ConfigSources, output: CommandOutput): Promise<number> {
  const reading = await readConfig(sources)
  output.write(output.json ? renderJson(reading) : renderReading(reading, output.style))
  return reading.problems.length === 0 ? 0 : WRONG_SETTINGS
}

function renderJson({ config, entries, files, problems, warnings }: ConfigReading): string {
  const model = config && modelFacts(config.models)
  return `${JSON.stringify({ settings: entries, model: model ?? null, files, problems, warnings }, null, 2)}\n`
}

function renderReading(reading: ConfigReading, style: Style): string {
  const { config, entries, files, problems, warnings } = reading
  const model = config && modelFacts(config.models)
  return [
    ...renderEntries(entries, style),
    '',
    ...(model
      ? [`  Model: ${model.kind === 'demo' ? 'demo, a few rules, no language model' : modelText(model)}.`]
      : []),
    ...(config && config.models.length > 1 ? [`  Models: ${config.models.map(named).join(', ')}.`] : []),
    `  Read: ${[...files, 'environment'].join(', ')}.`,
    ...listed(`${style.bad('✗')} wrong`, problems, style),
    ...listed(`${style.wait('‖')} look at this`, warnings, style),
    '',
  ].join('\n')
}

/** `fast (gpt-4.1-mini via openai)`. */
function named({ alias, choice }: ModelEntry): string {
  return choice.kind === 'demo' ? alias : `${alias} (${choice.model} via ${providerName(choice)})`
}

function listed(title: string, problems: ConfigReading['problems'], style: Style): string[] {
  if (problems.length === 0) return []
  const names = Math.max(...problems.map(({ name }) => name.length))
  return ['', title, '', ...problems.flatMap((problem) => renderProblem(problem, names, style))]
}

function renderEntries(entries: readonly ConfigEntry[], style: Style): string[] {
  const cells = entries.map((entry) => [entry.name, entry.value ?? 'not set', sourceOf(entry)])
  const [nameWidth = 0, valueWidth = 0] = widths(cells)
  const valueColumn = Math.min(valueWidth, 40)
  return cells.map(([name = '', value = '', source = ''], index) => {
    const entry = entries[index]
    const paint = entry?.value === null || entry?.source === 'default' ? style.dim : style.bold
    return `  ${name.padEnd(nameWidth)}  ${paint(value)}${' '.repeat(Math.max(0, valueColumn - value.length))}  ${style.dim(source)}`
  })
}

function sourceOf({ source, via, value, unused }: ConfigEntry): string {
  const parts = [
    ...(value === null ? [] : [source]),
    ...(via === undefined ? [] : [via]),
    ...(unused ? ['accepted, not used'] : []),
  ]
  return parts.join(', ')
}
