import { HttpError } from '../errors.ts'
import { integerParameter } from '../http/query.ts'

const largestPage = 1000
const largestOffset = 2 ** 31 - 1

export const pageParameters = {
  limit: integerParameter({
    missing: 100,
    minimum: 1,
    maximum: largestPage,
    description: 'How many to return.',
  }),
  offset: integerParameter({
    missing: 0,
    minimum: 0,
    maximum: largestOffset,
    description: 'How many to leave out.',
  }),
}

export interface Page {
  readonly limit: number
  readonly offset: number
}

/** Throws the 400 of PROTOCOL 2.3. */
export function checkPage({ limit, offset }: Page): void {
  if (limit < 1 || limit > largestPage) {
    throw new HttpError(400, 'invalid_input', `Limit must be between 1 and ${largestPage}`)
  }
  if (offset < 0) throw new HttpError(400, 'invalid_input', 'Offset must be >= 0')
  if (offset > largestOffset) throw new HttpError(400, 'invalid_input', 'Offset is too large')
}
