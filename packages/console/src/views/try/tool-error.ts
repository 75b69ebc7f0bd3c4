/** Why a call failed, in words for the model; `summary` are a few words for the person. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly summary: string

  constructor(message: string, summary: string) {
    super(message)
    this.summary = summary
  }
}
