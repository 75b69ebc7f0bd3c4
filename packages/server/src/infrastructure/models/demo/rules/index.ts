import type { Request } from '../request.ts'
import type { Rule, Script } from '../script.ts'
import { change } from './change.ts'
import { compare } from './compare.ts'
import { create } from './create.ts'
import { explain } from './explain.ts'
import { folder } from './folder.ts'
import { overview } from './overview.ts'
import { plan } from './plan.ts'
import { run } from './run.ts'
import { search } from './search.ts'

/** In the order in which they are tried: the narrow ones first. */
const rules: readonly Rule[] = [run, folder, change, plan, create, compare, search, overview, explain]

export interface Match {
  readonly rule: Rule
  readonly script: Script
}

/** The first rule that understands the request. */
export function matchRule(request: Request): Match | undefined {
  for (const rule of rules) {
    const script = rule.match(request)
    if (script) return { rule, script }
  }
  return undefined
}
