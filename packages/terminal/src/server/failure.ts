/** Exit codes of the client. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unavailable: 69,
  unauthorized: 77,
  configuration: 78,
  interrupted: 130,
} as const

/** Something that ends the command: what happened, what to do, and the exit code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: number
  /** Lines under the first one; ready to be read, without secrets. */
  readonly details: readonly string[]

  constructor(exitCode: number, message: string, details: readonly string[] = []) {
    super(message)
    this.exitCode = exitCode
    this.details = details
  }
}
