import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

/** Compares a screen with `screens/NAME.txt`, which a person has written or looked at; nothing records it by itself. */
export function expectGolden(name: string, screen: string): void {
  const wanted = readFileSync(join(import.meta.dirname, 'screens', `${name}.txt`), 'utf8')
  expect(`${steady(screen)}\n`).toBe(wanted)
}

/** The screen with what differs from run to run replaced. What stands at the right edge keeps its place. */
function steady(screen: string): string {
  return screen
    .split('\n')
    .map((line) =>
      line
        .replace(/^( ━+ {3}CodeLab) \S+$/, '$1 VERSION')
        .replace(/\b[0-9a-f]{8}\b/, 'xxxxxxxx')
        .replace(/(127\.0\.0\.1):\d+/, '$1:PORT')
        .replace(/waits \d:\d\d/, 'waits 0:00')
        .replace(/^( {2}turn) [\d.]+ s, of it [\d.]+ s (.*) {3}[\d.]+k tokens$/, '$1 TIME, of it TIME $2   N tokens')
        .replace(/^( {2}turn) [\d.]+ m?s {3}[\d.]+k tokens$/, '$1 TIME   N tokens')
        .replace(/ +(high, )?[\d.]+ m?s$/, (found, sure = '') => ` ${sure}TIME`.padStart(found.length))
        .replace(/[◐◓◑◒]/, '◐')
        .replace(/ +◐ ((?:\w+ · )?)\d+ s {2}Ctrl-C stops$/, (found, tool) =>
          ` ◐ ${tool}N s  Ctrl-C stops`.padStart(found.length),
        )
        .replace(/^Turn ended after \d+ seconds?, [\d.]+k tokens\.$/, 'Turn ended after N seconds, N tokens.')
        .replace(/since \d\d:\d\d\./, 'since HH:MM.'),
    )
    .join('\n')
}
