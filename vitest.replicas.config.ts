import { defineConfig } from 'vitest/config'
import whole from './vitest.config.ts'

const { projects, ...test } = whole.test ?? {}

const overReplicas = [
  'access/*',
  'api/*',
  'conformance/*',
  'faults/*',
  'golden',
  'handlers/operation',
  'maintenance/commands',
  'openai-types',
  'protection/{clock,limits,shared-rates}',
  'races/*',
  'readers/{again,killed,readers}',
  'replay/replay',
  'shutdown/*',
  'socket/*',
]

/** All suites that say anything of replicas, before as many as CODELAB_TEST_REPLICAS says; packages/server/test/replicas/README.md. */
export default defineConfig({
  ...whole,
  test: {
    ...test,
    include: [...overReplicas.map((name) => `packages/server/test/${name}.test.ts`), 'e2e/clients-at-once.test.ts'],
    env: { CODELAB_TEST_REPLICAS: process.env['CODELAB_TEST_REPLICAS'] ?? '3' },
    globalSetup: ['test/build.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
