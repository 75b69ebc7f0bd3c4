import { ErrorBody, RateLimitBody, UnauthorizedBody, ValidationErrorBody } from '@codelab/protocol'

const withInput = {
  401: UnauthorizedBody,
  422: ValidationErrorBody,
  429: RateLimitBody,
  500: ErrorBody,
  503: ErrorBody,
}

/** What an operation with a key and an input may answer beside its success. */
export const failures = withInput
export const failuresWith404 = { ...withInput, 404: ErrorBody }
export const failuresOfBody = { ...withInput, 413: ErrorBody }
