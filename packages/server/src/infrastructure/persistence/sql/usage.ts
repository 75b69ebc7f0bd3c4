import type { ModelCall } from '../../../application/ports/store.ts'
import type { UsageQuery, UsageRow, UsageStore } from '../../../application/ports/usage.ts'
import { dayOf } from '../../../domain/usage.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries, UsageDayTable } from './schema.ts'
import { partOf } from './values.ts'

const summed = [
  'turns',
  'calls',
  'priced_calls',
  'cost',
  'input_tokens',
  'cached_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const
type Figures = Pick<UsageDayTable, (typeof summed)[number]>

const none: Figures = {
  turns: 0,
  calls: 0,
  priced_calls: 0,
  cost: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
}

/** Of a row that counts turns: no model has that name. */
const noModel = { provider: '', model: '' }
const columns = { day: ['day'], user: ['owner_id'], model: ['provider', 'model'] } as const

interface Used extends Figures, Pick<UsageDayTable, 'day' | 'provider' | 'model' | 'part'> {
  readonly sid: string
}
const addUsage = prepared((db, given: Used) =>
  db
    .insertInto('usage_days')
    .values((eb) => ({
      owner_id: eb.selectFrom('sessions').select('owner_id').where('sid', '=', given.sid),
      day: given.day,
      provider: given.provider,
      model: given.model,
      part: given.part,
      turns: given.turns,
      calls: given.calls,
      priced_calls: given.priced_calls,
      cost: given.cost,
      input_tokens: given.input_tokens,
      cached_tokens: given.cached_tokens,
      output_tokens: given.output_tokens,
      reasoning_tokens: given.reasoning_tokens,
    }))
    .onConflict((conflict) =>
      conflict
        .columns(['owner_id', 'day', 'provider', 'model', 'part'])
        .doUpdateSet((eb) =>
          Object.fromEntries(summed.map((name) => [name, eb(`usage_days.${name}`, '+', eb.ref(`excluded.${name}`))])),
        ),
    ),
)

export function createUsageStore(db: Queries): UsageStore {
  return {
    async read(query) {
      const grouped = query.by.flatMap((dimension) => columns[dimension])
      let rows = db
        .selectFrom('usage_days')
        .select(grouped)
        .select((eb) => summed.map((name) => eb.fn.sum<number | null>(name).as(name)))
        .where('day', '>=', query.from)
        .where('day', '<=', query.to)
        .limit(query.limit)
      if (query.ownerId !== undefined) rows = rows.where('owner_id', '=', query.ownerId)
      if (query.by.includes('model')) rows = rows.where('model', '!=', noModel.model)
      for (const column of grouped) rows = rows.groupBy(column).orderBy(column)
      // Without a group there is one row in any case.
      return (await rows.execute()).filter((row) => row.calls !== null).map((row) => toUsage(row, query))
    },
  }
}

/** A call counts on the day and for the person that it was made for. */
export async function countCall(db: Queries, engine: Engine, call: ModelCall): Promise<void> {
  await add(db, engine, call.sid, call.at, call, {
    ...none,
    calls: 1,
    priced_calls: call.cost === null ? 0 : 1,
    cost: call.cost ?? 0,
    input_tokens: call.inputTokens,
    cached_tokens: call.cachedTokens,
    output_tokens: call.outputTokens,
    reasoning_tokens: call.reasoningTokens,
  })
}

export async function countTurn(db: Queries, engine: Engine, sid: string, startedAt: number): Promise<void> {
  await add(db, engine, sid, startedAt, noModel, { ...none, turns: 1 })
}

async function add(
  db: Queries,
  engine: Engine,
  sid: string,
  at: number,
  { provider, model }: Pick<UsageDayTable, 'provider' | 'model'>,
  figures: Figures,
): Promise<void> {
  await addUsage(db, engine, { ...figures, sid, day: dayOf(at), provider, model, part: partOf(sid, engine.parts) })
}

type Summed = { readonly [N in keyof Figures]: number | null } & Partial<
  Pick<UsageDayTable, 'day' | 'owner_id' | 'provider' | 'model'>
>

function toUsage(row: Summed, { by }: UsageQuery): UsageRow {
  const calls = Number(row.calls)
  return {
    day: row.day ?? null,
    ownerId: row.owner_id ?? null,
    provider: row.provider ?? null,
    model: row.model ?? null,
    turns: by.includes('model') ? null : Number(row.turns),
    calls,
    inputTokens: Number(row.input_tokens),
    cachedTokens: Number(row.cached_tokens),
    outputTokens: Number(row.output_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
    cost: Number(row.priced_calls) === calls ? Number(row.cost) : null,
  }
}
