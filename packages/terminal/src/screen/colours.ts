/** A colour at each depth: the basic number (30 to 97), and `#rrggbb` with its nearest of 256, on a dark and on a light ground. */
export interface Colour {
  readonly basic: number
  readonly dark: readonly [string, number]
  readonly light: readonly [string, number]
}

export type Token = 'dim' | 'accent' | 'wait' | 'ok' | 'bad'

export const tokens: Readonly<Record<Token, Colour>> = {
  dim: { basic: 90, dark: ['#8d94a0', 246], light: ['#5f6673', 242] },
  accent: { basic: 34, dark: ['#8fabff', 111], light: ['#2b56cc', 26] },
  wait: { basic: 33, dark: ['#f4ba62', 215], light: ['#8a4a00', 94] },
  ok: { basic: 32, dark: ['#63d092', 78], light: ['#146c3b', 29] },
  bad: { basic: 31, dark: ['#ff958c', 210], light: ['#b1251c', 124] },
}

/** Grounds of diff lines; with 16 colours the text has the colour instead, so `basic` is never used. */
export const backgrounds: Readonly<Record<'added' | 'removed' | 'added-word' | 'removed-word', Colour>> = {
  added: { basic: 32, dark: ['#10241a', 22], light: ['#e7f6eb', 194] },
  removed: { basic: 31, dark: ['#2a1516', 52], light: ['#fdeceb', 224] },
  'added-word': { basic: 32, dark: ['#1a432d', 28], light: ['#bfe8cb', 157] },
  'removed-word': { basic: 31, dark: ['#5a2623', 88], light: ['#f8cbc7', 217] },
}

/** The agents' colours; one that is not listed has the colour of `other`. */
export const agentColours: Readonly<Record<string, Colour>> = {
  orchestrator: { basic: 36, dark: ['#a9b4c4', 250], light: ['#4c5868', 240] },
  coder: { basic: 34, dark: ['#8fb0ff', 111], light: ['#2459c4', 26] },
  architect: { basic: 35, dark: ['#bd9eff', 141], light: ['#6c3dbb', 61] },
  debug: { basic: 95, dark: ['#f190ca', 212], light: ['#a32a74', 126] },
  ask: { basic: 32, dark: ['#5fcaca', 80], light: ['#0a6868', 23] },
  other: { basic: 36, dark: ['#a9b4c4', 250], light: ['#4c5868', 240] },
}
