import { z } from 'zod'

const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'an id is lower-case letters, digits and -, at most 40, a letter first')
const text = (longest: number) => z.string().trim().min(1, 'must not be empty').max(longest)
const tool = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'not a name of a tool')
const unique = <Item>(items: readonly Item[]) => new Set(items).size === items.length
const fileName = z.string().regex(/^[A-Za-z0-9_-]+\.md$/, 'a file name in the same folder, ending in .md')

/** The head of an agent's file. */
export const agentHead = z.strictObject({
  name: id,
  display_name: text(60),
  role: z.enum(['router', 'specialist']).default('specialist'),
  modes: z
    .array(z.enum(['multi', 'single']))
    .min(1)
    .refine(unique, 'a mode is named twice')
    .default(['multi']),
  /** Place in the list; without one an agent stands behind all others, or where the agent stood that it replaces. */
  order: z.number().int().min(0).max(10_000).optional(),
  /** What the classifier is told that this agent does; the first line of the prompt stands in for it. */
  routing: text(500).optional(),
  model: text(200).optional(),
  tools: z.array(tool).max(100).refine(unique, 'a tool is named twice'),
  file_rules: z
    .array(z.strictObject({ tools: z.array(tool).min(1).max(100), pattern: text(500), refusal: text(1000).optional() }))
    .max(50)
    .default([]),
  refusals: z.record(z.union([z.literal('*'), tool]), text(1000)).optional(),
  /** Fragments that follow the prompt. */
  include: z.array(fileName).max(10).default([]),
})
export type AgentHead = z.infer<typeof agentHead>

/** The head of `classifier.md`. */
export const classifierHead = z.strictObject({
  system: text(2000),
  fallback_agent: id,
  keywords: z.array(z.strictObject({ agent: id, words: z.array(z.string().min(2).max(60)).min(1).max(200) })).max(50),
})
