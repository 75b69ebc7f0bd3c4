/** The id of a frame: `SEQ`, or `SEQ:MESSAGE:OFFSET` in the middle of an answer. */
export const framePosition = /^[0-9]{1,15}(:[A-Za-z0-9_-]{1,100}:[0-9]{1,12})?$/

/** Where a reader stands, from the id of the last frame it has. Undefined when it is none. */
export function readPosition(
  id: string,
): { readonly seq: number; readonly messageId?: string; readonly offset?: number } | undefined {
  if (!framePosition.test(id)) return undefined
  const [seq, messageId, offset] = id.split(':')
  if (messageId === undefined) return { seq: Number(seq) }
  return { seq: Number(seq), messageId, offset: Number(offset) }
}
