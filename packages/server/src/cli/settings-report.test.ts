import { describe, expect, it } from 'vitest'
import { ConfigError } from '../config.ts'
import { renderConfigError } from './settings-report.ts'
import { createStyle } from './style.ts'

const problems = [
  { name: 'PORT', place: 'environment', text: '"80801" is not a port. Use 1 to 65535.', wrong: '"80801"' },
  {
    name: 'AGENT_RUNTIME__DB_URL',
    place: '.env:2',
    text: '"postgre://app@db/agents": unknown scheme. Did you mean postgresql://?',
    wrong: 'postgre',
  },
  {
    name: 'AGENT_RUNTIME__INTERNAL_API_KEY',
    place: 'default',
    text: 'HOST=0.0.0.0 opens the port to others, so the default key is refused.',
    hint: 'Set 16 or more characters:  openssl rand -hex 24',
    wrong: 'the default key',
  },
  {
    name: 'agents.coder.tools[2]',
    place: 'codelab.jsonc:18:9',
    text: '"write_fle" is no tool. Did you mean write_file?',
    wrong: '"write_fle"',
  },
]

describe('renderConfigError', () => {
  it('is the screen of the design at 80 columns', () => {
    const error = new ConfigError(problems, ['.env', 'codelab.jsonc'])
    expect(renderConfigError(error, createStyle('plain', 80))).toBe(`\
✗ CodeLab cannot start: 4 settings are wrong

  PORT                             environment
    "80801" is not a port. Use 1 to 65535.
  AGENT_RUNTIME__DB_URL            .env:2
    "postgre://app@db/agents": unknown scheme. Did you mean postgresql://?
  AGENT_RUNTIME__INTERNAL_API_KEY  default
    HOST=0.0.0.0 opens the port to others, so the default key is refused.
    Set 16 or more characters:  openssl rand -hex 24
  agents.coder.tools[2]            codelab.jsonc:18:9
    "write_fle" is no tool. Did you mean write_file?

  Read: .env, codelab.jsonc, environment.  codelab config shows every value.
`)
  })

  it('shows the name bold, the place dim, the part at fault underlined', () => {
    const error = new ConfigError(problems.slice(0, 1), [])
    expect(renderConfigError(error, createStyle('colour', 80))).toBe(`\
\u001b[31m✗\u001b[39m CodeLab cannot start: 1 setting is wrong

  \u001b[1mPORT\u001b[22m  \u001b[90menvironment\u001b[39m
    \u001b[4m"80801"\u001b[24m is not a port. Use 1 to 65535.

  Read: environment.  codelab config shows every value.
`)
  })

  it('breaks a long line at a word', () => {
    const long = { name: 'A', place: 'default', text: `${'word '.repeat(20)}end`, hint: 'x'.repeat(100) }
    const lines = renderConfigError(new ConfigError([long], []), createStyle('plain', 80)).split('\n')
    expect(lines.slice(3, 6)).toEqual([
      `    ${'word '.repeat(15).trim()}`,
      '    word word word word word end',
      `    ${'x'.repeat(100)}`,
    ])
  })

  it('takes a "$" in the part at fault as it is', () => {
    const error = new ConfigError([{ name: 'A', place: 'default', text: 'a $& b', wrong: '$&' }], [])
    expect(renderConfigError(error, createStyle('colour', 80))).toContain('a \u001b[4m$&\u001b[24m b')
  })
})
