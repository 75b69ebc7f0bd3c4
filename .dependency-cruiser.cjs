// The layers of docs/architecture.md as a check. A rule is about where a file lies, not what it is called.
// test/layers.test.ts plants a violation of every rule; without `parser: 'swc'` some of them pass unseen.
const { Visitor } = require('@swc/core/Visitor.js')

// The walker that the check borrows from swc knows every statement but `using`, and would give up on the whole file.
const visitStatement = Visitor.prototype.visitStatement
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  this.visitVariableDeclarators(statement.decls)
  return statement
}

const server = '^packages/server/src/'
const at = (...folders) => `${server}(${folders.join('|')})(/|\\.ts$)`
// Not what npm put into a package's own node_modules.
const OURS = '^packages/[^/]+/(src|test)/'
const PORTS = 'application/ports'
// Pure and without dependencies, so that the application may have it as if it were its own.
const EDITS = '^packages/edits/'

const outside = (name, from, ...allowed) => ({
  name,
  severity: 'error',
  from: { path: at(from) },
  to: { path: OURS, pathNot: [at(from, ...allowed), ...(from === 'application' ? [EDITS] : [])] },
})

const PACKAGES = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown']

module.exports = {
  forbidden: [
    outside('domain-imports-nothing', 'domain'),
    outside('application-imports-domain', 'application', 'domain'),
    outside('the-catalogue-is-data', 'catalogue', 'domain'),
    outside('infrastructure-implements-ports', 'infrastructure', 'domain', PORTS, 'config'),
    outside('settings-stand-alone', 'config', 'domain'),
    outside('the-command-line-composes', 'cli', 'compose', 'config', 'application', 'domain'),
    {
      name: 'api-talks-to-the-application',
      severity: 'error',
      from: { path: at('api') },
      to: { path: OURS, pathNot: [at('api'), `${server}application/index\\.ts$`, '^packages/protocol/'] },
    },
    {
      name: 'pure-layers-have-no-packages',
      severity: 'error',
      from: { path: at('domain', 'application') },
      to: { dependencyTypes: [...PACKAGES, 'core'], pathNot: EDITS },
    },
    {
      name: 'the-catalogue-has-zod-only',
      severity: 'error',
      from: { path: at('catalogue') },
      to: { dependencyTypes: [...PACKAGES, 'core'], pathNot: 'node_modules/zod/' },
    },
    {
      name: 'only-the-process-composes',
      severity: 'error',
      from: { pathNot: [at('main', 'cli', 'compose'), '^packages/server/test/'] },
      to: { path: at('compose') },
    },
    {
      name: 'packages-meet-in-protocol',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/protocol/', EDITS] },
    },
    {
      name: 'protocol-has-one-face',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/protocol/' },
      to: { path: '^packages/protocol/', pathNot: '^packages/protocol/src/index\\.ts$' },
    },
    {
      name: 'protocol-runs-in-a-browser',
      severity: 'error',
      from: { path: '^packages/protocol/src/' },
      to: { pathNot: ['^packages/protocol/src/', 'node_modules/zod/'] },
    },
    {
      name: 'edits-are-for-executors-and-lowering',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: [
          EDITS,
          '^packages/terminal/',
          '^packages/console/src/views/try/',
          at('application'),
          '^packages/server/test/',
        ],
      },
      to: { path: EDITS },
    },
    {
      name: 'edits-have-one-face',
      severity: 'error',
      from: { path: '^packages/', pathNot: EDITS },
      to: { path: EDITS, pathNot: '^packages/edits/src/index\\.ts$' },
    },
    {
      name: 'edits-stand-alone',
      severity: 'error',
      from: { path: '^packages/edits/src/' },
      to: { pathNot: '^packages/edits/src/' },
    },
    {
      name: 'the-console-runs-in-a-browser',
      severity: 'error',
      from: { path: '^packages/console/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sources-know-no-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '^packages/[^/]+/test/' },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.test\\.ts$|/dist/)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['codelab-source', 'import', 'node', 'default'],
    },
  },
}
