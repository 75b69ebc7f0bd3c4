import { describe, test } from 'vitest'
import { replicasOfAll } from '../test-store.ts'

const left = Object.assign(() => {}, { each: () => () => {} })

/** Tests of what one process is, which say nothing of several behind a load balancer: README.md beside this tells why for each. */
export const ofOneProcess =
  replicasOfAll === 1
    ? { test, describe }
    : { test: left as unknown as typeof test, describe: left as unknown as typeof describe }
