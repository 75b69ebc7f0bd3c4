import { defineConfig } from 'vitest/config'
import { ClosingLine } from './test/closing-line.ts'

const seconds = 1000
// Vite's own list for a server, with the sources of our packages before their builds.
const conditions = ['codelab-source', 'module', 'node', 'development|production']

const overEitherDatabase = [
  'api/{approvals,events,overview,rules,sessions,stream,usage}',
  'application/{again,approvals,context,lowered-edits,order,protection,readers,turns}',
  'crash/crash',
  'golden',
  'handlers/*',
  'readers/again',
]

// The same tests, unchanged, through a load balancer: before replicas that know of each other by the database only. `npm run test:replicas`
// runs all that say anything of replicas (packages/server/test/replicas/README.md).
const overReplicas = {
  2: ['access/isolation', 'api/{events,rules,stream}', 'races/*', 'readers/{again,killed,readers}'],
  3: ['api/{sessions,stream}', 'conformance/{cli-chat,gateway,surfaces}', 'golden', 'replay/replay', 'socket/socket'],
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', new ClosingLine()],
    allowOnly: process.env['CI'] === undefined && process.env['REQUIRE_ALL'] === undefined,
    maxWorkers: 2,
    teardownTimeout: 10 * seconds,
    testTimeout: 60 * seconds,
    hookTimeout: 60 * seconds,
    projects: [
      {
        // The same tests over PostgreSQL: what people see of the store, and what it survives.
        extends: true,
        test: {
          name: 'postgres',
          include: overEitherDatabase.map((name) => `packages/server/test/${name}.test.ts`),
          env: { CODELAB_TEST_DATABASE: 'postgres' },
          globalSetup: ['test/build.ts'],
        },
      },
      ...Object.entries(overReplicas).map(([count, names]) => ({
        extends: true as const,
        test: {
          name: `${count}-replicas`,
          include: names.map((name) => `packages/server/test/${name}.test.ts`),
          env: { CODELAB_TEST_REPLICAS: count },
          globalSetup: ['test/build.ts'],
          testTimeout: 180 * seconds,
        },
      })),
      { extends: true, test: { name: 'sources', include: ['packages/*/src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'] } },
      {
        // These run what `npm start` runs, so they are given a build of the sources as they are now.
        extends: true,
        test: {
          name: 'built',
          include: ['packages/*/test/**/*.test.ts', 'e2e/**/*.test.ts', 'eval/*.test.ts'],
          globalSetup: ['test/build.ts'],
        },
      },
    ],
  },
})
