/** What an import puts right or leaves out, with the line that says so. */
const mendLines = {
  call_rebuilt: 'tool results had lost their call: it was made again, from what the result says of it',
  call_of_approval: 'calls that wait for a person were not in the history: they were put back from their approval',
  result_linked: 'tool results had lost the id of their call: they were joined to the call that they follow',
  result_moved: 'tool results stood away from their call: they were put behind it',
  result_doubled: 'calls had two results: the later one was kept',
  result_lost: 'tool results were stored as null, which hides an error or a refusal: models are told so',
  call_closed: 'calls had no result and nobody waits for them: they were closed',
  call_renamed: 'call ids came twice in a session: the later one got a new id',
  arguments_unreadable: 'calls had arguments that are no JSON object: models see them as a text',
  tool_renamed: 'names of tools had characters that providers refuse: they were replaced',
  beginning_missing: 'histories did not begin with a person: a line that says so was put before them',
  approval_refused: 'approvals asked for what the agent may not do: they are not offered, the call is refused',
  approval_stale: 'approvals belonged to calls that are over: left out',
  approval_other: 'approvals were not about a tool call: left out',
  system_left_out: 'messages of the system: left out, agents have their own prompt',
  empty_left_out: 'empty messages: left out',
  fault_left_out: 'failures of the model were stored as answers: left out',
  role_left_out: 'messages of an unknown role: left out',
  switch_mended: 'agent switches had lost where from or where to: taken from their neighbours',
  switch_left_out: 'agent switches led nowhere: left out',
  agent_found: 'sessions with a waiting call had lost their agent: the first that may make the call has them',
  agent_unknown: 'sessions were with an agent that is not here: the orchestrator has them',
  time_without_zone: 'times without a zone: taken as UTC',
  time_unreadable: 'times that cannot be read: the one before was taken',
} as const

export type Mend = keyof typeof mendLines

/** How often each was needed. */
export class Mends {
  readonly #counts = new Map<Mend, number>()

  add(mend: Mend, count = 1): void {
    this.#counts.set(mend, (this.#counts.get(mend) ?? 0) + count)
  }

  addAll(other: Mends): void {
    for (const [mend, count] of other.#counts) this.add(mend, count)
  }

  get(mend: Mend): number {
    return this.#counts.get(mend) ?? 0
  }

  /** In a fixed order. */
  list(): readonly { readonly mend: Mend; readonly count: number; readonly says: string }[] {
    return (Object.keys(mendLines) as Mend[]).flatMap((mend) => {
      const count = this.get(mend)
      return count === 0 ? [] : [{ mend, count, says: mendLines[mend] }]
    })
  }
}
