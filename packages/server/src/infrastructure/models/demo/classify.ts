import type { Message } from '../../../domain/message.ts'
import { textOf } from '../../../domain/message.ts'
import { type Request, readRequest } from './request.ts'
import { matchRule } from './rules/index.ts'
import { textsFor } from './texts.ts'

/** The object of PROTOCOL 4.4, as the demo model gives it. */
export interface Classification {
  readonly agent: 'coder' | 'architect' | 'debug' | 'ask'
  readonly confidence: 'high' | 'medium' | 'low'
  readonly reasoning: string
}

const before = 'User request: '
const behind = '\n\nResponse (JSON only):'

/** Reads the person's request out of the classification prompt and decides by the rules, then by words. */
export function classify(messages: readonly Message[]): Classification {
  const prompt = textOf(messages.findLast(({ role }) => role === 'user')?.parts ?? [])
  const start = prompt.indexOf(before)
  const end = prompt.lastIndexOf(behind)
  const request = readRequest(prompt.slice(start < 0 ? 0 : start + before.length, end > start ? end : undefined))
  const t = textsFor(request)
  const rule = matchRule(request)?.rule
  if (rule) return { agent: rule.agent, confidence: 'high', reasoning: t.reasons[rule.name] }
  return byWords(request) ?? { agent: 'coder', confidence: 'low', reasoning: t.noReason }
}

const words: readonly (readonly [Classification['agent'], RegExp])[] = [
  [
    'debug',
    /\b(?:why|debug\w*|investigat\w+|crash\w*|fail(?:s|ing|ed)?|broken|stack ?trace)\b|почему|отлад\p{L}+|расслед\p{L}+|падает|сломал\p{L}*|не работает/iu,
  ],
  [
    'coder',
    /\b(?:create|write|implement|fix|refactor|modify|change|add|rename|delete|remove|run)\b|созда\p{L}+|напиш\p{L}+|реализ\p{L}+|исправ\p{L}+|измени\p{L}*|добав\p{L}+|удали\p{L}*|рефактор\p{L}*|запусти\p{L}*/iu,
  ],
  [
    'architect',
    /\b(?:architecture|design|plan|spec(?:ification)?|blueprint|roadmap)\b|архитектур\p{L}*|спроектир\p{L}+|план(?!\p{L})|спецификаци\p{L}+/iu,
  ],
  ['debug', /\b(?:error|bug|problem|exception)s?\b|ошибк\p{L}+|баг\p{L}*|проблем\p{L}+/iu],
  [
    'ask',
    /\b(?:explain|what|how|where|who|help|understand|describe|difference)\b|объясн\p{L}+|что такое|как|где|кто|помо\p{L}+|расскаж\p{L}+|зачем/iu,
  ],
]

function byWords(request: Request): Classification | undefined {
  for (const [agent, expression] of words) {
    const word = expression.exec(request.text)?.[0]
    if (word !== undefined)
      return { agent, confidence: 'medium', reasoning: textsFor(request).keywordReason(word.toLowerCase()) }
  }
  return undefined
}
