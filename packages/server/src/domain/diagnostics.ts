const mostShown = 50
const longestMessage = 500

/**
 * What a model reads of the problems that an executor found after a change, before the result itself; empty where it gave none. An entry
 * is `{path?, line?, severity?, message}`; what is no such entry is left out.
 */
export function diagnosticsText(result: unknown): string {
  if (typeof result !== 'object' || result === null || !('diagnostics' in result)) return ''
  const { diagnostics } = result
  if (!Array.isArray(diagnostics)) return ''
  const lines = diagnostics.flatMap((entry: unknown) => describe(entry))
  if (lines.length === 0) return ''
  const count = lines.length === 1 ? 'there is now 1 problem' : `there are now ${lines.length} problems`
  const more = lines.length > mostShown ? [`(${lines.length - mostShown} more)`] : []
  const text = [`The change was made; ${count}:`, ...lines.slice(0, mostShown), ...more].join('\n')
  return `${text}\n\n`
}

function describe(entry: unknown): string[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { path, line, severity, message } = entry as Readonly<Record<string, unknown>>
  if (typeof message !== 'string' || message.trim() === '') return []
  const place = [path, line].filter((part) => typeof part === 'string' || typeof part === 'number').join(':')
  const kind = typeof severity === 'string' ? `${severity}: ` : ''
  return [`${place === '' ? '' : `${place} `}${kind}${message.slice(0, longestMessage).replace(/\s+/g, ' ').trim()}`]
}
