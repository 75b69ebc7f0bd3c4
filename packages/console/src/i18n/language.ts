import { useSyncExternalStore } from 'react'

export const languages = ['en', 'ru'] as const
export type Language = (typeof languages)[number]

type Phrase = string | ((...values: never[]) => string)
type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] }
export interface Dictionary<T> {
  readonly en: T
  readonly ru: Same<T>
}

const place = 'codelab.language'
const listeners = new Set<() => void>()
let current = firstLanguage()

function firstLanguage(): Language {
  const kept = readKept()
  if (kept) return kept
  return navigator.languages.some((name) => name.toLowerCase().startsWith('ru')) ? 'ru' : 'en'
}

function readKept(): Language | undefined {
  try {
    return languages.find((language) => language === localStorage.getItem(place))
  } catch {
    return undefined
  }
}

export function currentLanguage(): Language {
  return current
}

export function chooseLanguage(language: Language): void {
  current = language
  document.documentElement.lang = language
  try {
    localStorage.setItem(place, language)
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
  for (const listener of listeners) listener()
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage, currentLanguage)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The words of a view, the same keys in every language: the compiler names one that is missing. */
export function dictionary<const T extends Record<string, Phrase>>(en: T, ru: Same<T>): Dictionary<T> {
  return { en, ru }
}

export function useWords<T>(words: Dictionary<T>): Same<T> {
  return words[useLanguage()] as Same<T>
}

/** For text that is made outside a component. */
export function wordsNow<T>(words: Dictionary<T>): Same<T> {
  return words[current] as Same<T>
}

const rules = { en: new Intl.PluralRules('en'), ru: new Intl.PluralRules('ru') }

/** `plural('ru', 3, { one: 'сессия', few: 'сессии', many: 'сессий' })` without the figure. */
export function plural(
  language: Language,
  count: number,
  forms: { readonly one: string; readonly few?: string; readonly many?: string; readonly other?: string },
): string {
  const form = rules[language].select(count)
  return forms[form as 'one' | 'few' | 'many' | 'other'] ?? forms.other ?? forms.many ?? forms.one
}
